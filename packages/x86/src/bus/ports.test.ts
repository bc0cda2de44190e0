import { describe, expect, test } from "vitest";
import type { AccessSize } from "./device.ts";
import { PortBus } from "./ports.ts";

/** Answers with its offset and remembers what was written. */
class Probe {
  readonly log: string[] = [];
  read(offset: number, size: AccessSize): number {
    this.log.push(`read ${offset}/${size}`);
    return 0x10 + offset;
  }
  write(offset: number, size: AccessSize, value: number): void {
    this.log.push(`write ${offset}/${size} ${value.toString(16)}`);
  }
}

describe("the port space", () => {
  test("a range is reached by offset, not by address", () => {
    const bus = new PortBus();
    const probe = new Probe();
    bus.map({ name: "probe", base: 0x3f8, length: 8, device: probe, width: 1 });
    expect(bus.read(0x3fb, 1)).toBe(0x13);
    bus.write(0x3f9, 1, 0x1ff);
    expect(probe.log).toEqual(["read 3/1", "write 1/1 ff"]);
  });

  test("an access wider than the device is made in pieces at consecutive ports", () => {
    const bus = new PortBus();
    const probe = new Probe();
    bus.map({ name: "probe", base: 0x100, length: 4, device: probe, width: 1 });
    expect(bus.read(0x100, 4)).toBe(0x1312_1110);
    bus.write(0x100, 2, 0xabcd);
    expect(probe.log.slice(-2)).toEqual(["write 0/1 cd", "write 1/1 ab"]);
  });

  test("holes read as ones, at the end of a range too, and swallow writes", () => {
    const bus = new PortBus();
    bus.map({ name: "probe", base: 0x100, length: 1, device: new Probe(), width: 4 });
    expect(bus.read(0x50, 1)).toBe(0xff);
    expect(bus.read(0x50, 4)).toBe(0xffff_ffff);
    expect(bus.read(0x100, 2)).toBe(0xff10);
    expect(() => bus.write(0xffff, 4, 1)).not.toThrow();
  });

  test("overlaps and ranges outside the space are refused by name", () => {
    const bus = new PortBus();
    bus.map({ name: "first", base: 0x20, length: 2, device: new Probe(), width: 1 });
    expect(() => bus.map({ name: "second", base: 0x21, length: 4, device: new Probe(), width: 1 })).toThrow(
      "port 0x21 is claimed by first and by second",
    );
    expect(() => bus.map({ name: "third", base: 0xffff, length: 2, device: new Probe(), width: 1 })).toThrow("third (0xffff, 2 long)");
    expect(() => bus.map({ name: "empty", base: 0x50, length: 0, device: new Probe(), width: 1 })).toThrow("empty");
  });
});
