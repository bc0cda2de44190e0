import { ownGuest } from "@acme/own-guest";
import { boot, importsOf, keptCpu, runScript } from "@acme/testing";
import { x86 } from "@mercury/machine";
import { type CpuLayer, interpreter } from "@mercury/x86";
import { describe, expect, test } from "vitest";
import { type Costs, defaultCosts, timingModel } from "./src/index.ts";

const free: Costs = { exception: 0, interrupt: 0, portRead: 0, portWrite: 0, deviceRead: 0, deviceWrite: 0 };

test("takes of Mercury only the types of its processors", () => {
  expect(importsOf(import.meta.dirname, "src")).toEqual(["@mercury/x86"]);
});

test("refuses costs that would take time back", () => {
  expect(() => timingModel(interpreter, { ...free, portRead: -1 })).toThrow(/costs\.portRead is -1/);
  expect(() => timingModel(interpreter, { ...free, interrupt: 0.5 })).toThrow(RangeError);
});

describe("a kernel of a page", () => {
  const machine = { guest: ownGuest, memory: 32 } as const;

  test("executes under the model what it executes without it", async () => {
    const plain = keptCpu(interpreter);
    await boot({ ...machine, cpu: plain.cpu }, x86({ icount: true }));
    const timed = keptCpu(timingModel(interpreter, free).cpu);
    const { serial } = await boot({ ...machine, cpu: timed.cpu }, x86({ icount: true }));
    expect(serial[0]).toMatch(/^own-guest: ring 1/m);
    expect(timed.last().retired).toBe(plain.last().retired);
    expect(timed.last().registers).toEqual(plain.last().registers);
    expect(Buffer.compare(timed.last().ram, plain.last().ram)).toBe(0);
    // A debugger sees both alike.
    const code = timed.last().registers.eip;
    expect(timed.last().debug?.readLinear(code, 16)).toEqual(plain.last().debug?.readLinear(code, 16));
  });

  test("is billed for each byte that it polls for and sends", async () => {
    const model = timingModel(interpreter);
    const { serial } = await boot({ ...machine, cpu: model.cpu }, x86({ icount: true }));
    const { events, charged, cycles, instructions } = model.bill();
    expect(events.portWrite).toBeGreaterThanOrEqual(serial[0]?.length ?? 0);
    expect(events.portRead).toBeGreaterThanOrEqual(serial[0]?.length ?? 0);
    // Its breakpoints are instructions, and its interrupts are off.
    expect(events).toMatchObject({ exception: 0, interrupt: 0, deviceRead: 0, deviceWrite: 0 });
    expect(charged.portRead).toBe(events.portRead * defaultCosts.portRead);
    expect(cycles).toBe(instructions + charged.portRead + charged.portWrite);
  });
});

describe("the standard system", () => {
  const script = "echo virtual > /proc/mercury/mode; grep step.check /proc/mercury/last";
  const checkTicks = async (cpu: CpuLayer): Promise<number> => {
    const { output } = await runScript({ cpu }, script);
    return Number(/^step\.check: (\d+)$/m.exec(output)?.[1]);
  };

  test("sees the charges in its time stamp counter: the attach asks the two interrupt controllers what is in service", async () => {
    const without = await checkTicks(interpreter);
    const extra = async (costs: Partial<Costs>): Promise<number> =>
      (await checkTicks(timingModel(interpreter, { ...free, ...costs }).cpu)) - without;
    const reads = await extra({ portRead: 1 });
    const writes = await extra({ portWrite: 1 });
    // A command to each controller, and a read from each (8259A data sheet, OCW3).
    expect(reads).toBeGreaterThanOrEqual(2);
    expect(writes).toBeGreaterThanOrEqual(2);
    expect(await extra({ portRead: 700, portWrite: 1000 })).toBe(reads * 700 + writes * 1000);
  });

  test("is billed for the page faults of its programs", async () => {
    const faults = async (command: string): Promise<number> => {
      const model = timingModel(interpreter, { ...free, exception: 50 });
      await runScript({ cpu: model.cpu }, command);
      const { events, charged } = model.bill();
      expect(charged.exception).toBe(events.exception * 50);
      return events.exception;
    };
    // A process of its own touches its stack and its data for the first time.
    expect(await faults("sh -c true; sh -c true")).toBeGreaterThanOrEqual((await faults("sh -c true")) + 2);
  });

  test("works through a saved and restored state of the model", async () => {
    const model = timingModel(interpreter);
    const { cpu, last } = keptCpu(model.cpu);
    await runScript({ cpu }, "sleep 1");
    const before = model.bill();
    const state = last().save();
    const other = timingModel(interpreter);
    const bus = {
      readPort: () => 0,
      writePort: () => {},
      readMemory: () => 0,
      writeMemory: () => {},
      acknowledge: () => 0,
      timeStamp: () => 0n,
    };
    other.cpu.create({ memory: last().ram.length, bus }).restore(state);
    expect(before.events.interrupt).toBeGreaterThan(0);
    expect(other.bill()).toEqual(before);
  });
});
