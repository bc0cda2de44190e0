import { timingModel } from "@acme/own-cpu";
import { ownGuest } from "@acme/own-guest";
import { ownStrategy } from "@acme/own-strategy";
import { ownVo, readMeter } from "@acme/own-vo";
import { boot, importsOf, keptCpu, runScript } from "@acme/testing";
import { x86 } from "@mercury/machine";
import { interpreter } from "@mercury/x86";
import { describe, expect, test } from "vitest";
import { ownVmm } from "./src/index.ts";

test("takes of Mercury only the contract, and the macro-assembler in its stubs", () => {
  const root = import.meta.dirname;
  expect(importsOf(root, "src")).toEqual(["@mercury/abi"]);
  expect(importsOf(root, "metal")).toEqual(["@mercury/abi/metal"]);
  expect(importsOf(root, "stubs")).toEqual(["@mercury/abi", "@mercury/toolchain"]);
});

describe("under a kernel of a page", () => {
  const rings = ["ring 0, breakpoints 1", "ring 1, breakpoints 2", "ring 0, breakpoints 3"].map((line) => `own-guest: ${line}\n`).join("");

  test("is slid under it and out again, and forwards its traps in between", async () => {
    const { exit, serial } = await boot({ guest: ownGuest, vmm: ownVmm, memory: 32 }, x86({ icount: true }));
    expect(serial[0]).toBe(rings);
    expect(exit).toEqual({ kind: "power-off" });
  });

  test("makes a machine with foreign layers alone: guest, virtual objects, switch and processor", async () => {
    const model = timingModel(interpreter);
    const { cpu, last } = keptCpu(model.cpu);
    const layers = { guest: ownGuest, vo: ownVo, vmm: ownVmm, switch: ownStrategy, cpu, memory: 32 };
    const { exit, serial } = await boot(layers, x86({ icount: true }));
    expect(serial[0]).toBe(rings);
    expect(exit).toEqual({ kind: "power-off" });
    expect(readMeter(last().ram).out8.virtual.calls).toBe(rings.length / 3);
    expect(model.bill().events.portWrite).toBeGreaterThanOrEqual(rings.length);
  });
});

describe("under the standard guest", () => {
  test("programs, page faults, forks, interrupts and sleep work in virtual mode, and three round trips lose nothing", async () => {
    const work = "ls /bin | wc -l; sleep 1; sh -c 'exit 7'; echo $?; seq 1 200 | grep 9 | wc -l";
    const trip = `echo virtual > /proc/mercury/mode; cat /proc/mercury/mode; ${work}; echo native > /proc/mercury/mode; cat /proc/mercury/mode`;
    const plain = await runScript({ vmm: ownVmm }, work);
    const switched = await runScript({ vmm: ownVmm }, [trip, trip, trip].join("; "));
    expect(plain.output).toMatch(/^\d+\n7\n38\n$/);
    expect(switched.output).toBe(`virtual\n${plain.output}native\n`.repeat(3));
    expect(switched.exit).toEqual(plain.exit);
  });

  test("a system that is to boot under it is refused at once", async () => {
    const { console: text, exit } = await runScript({ vmm: ownVmm, mode: "always-on" }, "true");
    expect(text).toMatch(/the VMM refused to warm up/);
    expect(exit.kind).not.toBe("stopped");
  });
});
