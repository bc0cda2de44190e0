import { describe, expect, test } from "vitest";
import { ManualClock } from "../clock/manual.ts";
import { AcpiPower } from "./acpi-power.ts";

function chip(): { clock: ManualClock; power: AcpiPower; log: string[] } {
  const clock = new ManualClock();
  const log: string[] = [];
  const power = new AcpiPower(
    clock,
    (level) => void log.push(level ? "sci" : "-"),
    () => void log.push("off"),
  );
  return { clock, power, log };
}

describe("ACPI power management", () => {
  test("SLP_EN with sleep type 0 switches off, with another one does not", () => {
    const { power, log } = chip();
    power.write(4, 2, 0x2000 | (5 << 10));
    expect(log).not.toContain("off");
    power.write(4, 2, 0x2000);
    expect(log.at(-2)).toBe("off");
    expect(power.read(4, 2)).toBe(1);
  });

  test("the timer counts 3.579545 MHz in 24 bits", () => {
    const { clock, power } = chip();
    clock.advance(1e9);
    expect(power.read(8, 4)).toBe(3_579_545);
    clock.advance(4e9);
    expect(power.read(8, 4)).toBe((5 * 3_579_545) % 0x100_0000);
  });

  test("the timer's carry interrupts when enabled, until its status is cleared", () => {
    const { clock, power, log } = chip();
    power.write(2, 2, 1);
    clock.advance(3e9);
    expect([log.at(-1), power.read(0, 4)]).toEqual(["sci", 0x1_0001]);
    power.write(0, 2, 1);
    expect([log.at(-1), power.read(0, 4)]).toEqual(["-", 0x1_0000]);
  });
});
