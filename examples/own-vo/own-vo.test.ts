import { ownGuest } from "@acme/own-guest";
import { boot, importsOf, keptCpu, runScript } from "@acme/testing";
import { voOperations, voSymbols } from "@mercury/abi";
import { x86 } from "@mercury/machine";
import { disassemble } from "@mercury/isa";
import { createAssembler } from "@mercury/toolchain";
import { interpreter } from "@mercury/x86";
import { describe, expect, test } from "vitest";
import { type Meter, ownVo, readMeter } from "./src/index.ts";
import stubs from "./stubs/index.ts";

test("takes of Mercury only the contract, and the macro-assembler in its stubs", () => {
  const root = import.meta.dirname;
  expect(importsOf(root, "src")).toEqual(["@mercury/abi"]);
  expect(importsOf(root, "metal")).toEqual(["@mercury/abi/metal", "mercury:vo"]);
  expect(importsOf(root, "stubs")).toEqual(["@mercury/abi", "@mercury/toolchain"]);
});

test("the stubs define every body that a site may lead to, and what guest and switch expect", () => {
  const assembler = createAssembler();
  stubs(assembler);
  const defined = new Set(assembler.finish().flatMap(({ name, aliases }) => [name, ...aliases]));
  const targets = Object.values(voOperations).flatMap(({ native, virtual }) =>
    [native, virtual].flatMap((body) => ("target" in body ? [body.target] : [])),
  );
  expect([...targets, ...Object.keys(voSymbols)].filter((name) => !defined.has(name))).toEqual([]);
});

test("the count of a thunk that may be begun again is one instruction, with the thunk proper right behind it", () => {
  const assembler = createAssembler();
  stubs(assembler);
  const units = assembler.finish().filter(({ section }) => section === ".thunks.flag");
  expect(units.map(({ name }) => name)).toEqual(
    ["enableInterrupts", "restoreFlags", "returnFromTrap"].flatMap((name) => [`thunk_${name}`, `body_${name}`]),
  );
  for (const [index, { name, code, alignment }] of units.entries()) {
    if (name.startsWith("thunk_")) expect(disassemble(code, 0, 32, 0, "intel").length).toBe(code.length);
    else expect([name.slice(5), alignment]).toEqual([units[index - 1]?.name.slice(6), 1]);
  }
});

test("a memory without the meter is refused", () => {
  expect(() => readMeter(new Uint8Array(4096))).toThrow(/holds no meter/);
});

describe("under a kernel of a page", () => {
  test("every operation is counted, and in the mode in which it happened", async () => {
    const { cpu, last } = keptCpu(interpreter);
    const { serial } = await boot({ guest: ownGuest, vo: ownVo, cpu, memory: 32 }, x86({ icount: true }));
    const lines = serial[0]?.split("\n") ?? [];
    expect(lines[1]).toBe("own-guest: ring 1, breakpoints 2");
    const meter = readMeter(last().ram);
    const sent = (lines[1]?.length ?? 0) + 1;
    expect(meter.out8.virtual.calls).toBe(sent);
    expect(meter.in8.virtual.calls).toBeGreaterThanOrEqual(sent);
    // Out of ring 1 and back into it takes more than the instruction itself.
    expect(meter.out8.virtual.ticks).toBeGreaterThan(sent * 20);
    // The breakpoint in ring 1 returns once; the request that leads there has its flags restored there, as the one back has not.
    expect(meter.returnFromTrap.virtual.calls).toBe(1);
    expect(meter.restoreFlags.virtual.calls).toBe(1);
    expect(meter.enableInterrupts.virtual.calls).toBe(0);
    expect(meter.initializeLines.native.calls).toBe(1);
    expect(meter.initializeLines.native.ticks).toBeGreaterThan(0);
    expect(meter.loadTraps.native.calls).toBe(1);
    // Five descriptors and six gates of eight bytes are written: more than a store for each word.
    expect(meter.loadTraps.native.ticks).toBeGreaterThan(22);
    expect(meter.loadTraps.virtual).toEqual({ calls: 0, ticks: 0 });
    expect(meter.forkEntries).toEqual({ native: { calls: 0, ticks: 0 }, virtual: { calls: 0, ticks: 0 } });
  });
});

describe("under the standard guest", () => {
  const work = "sleep 1; i=0; while [ $i -lt 5 ]; do ls /bin | wc -l; i=$((i + 1)); done";
  const native = work;
  const virtual = `echo virtual > /proc/mercury/mode; ${work}; cat /proc/mercury/mode; echo native > /proc/mercury/mode; cat /proc/mercury/mode`;
  const run = async (script: string): Promise<{ readonly output: string; readonly meter: Meter }> => {
    const { cpu, last } = keptCpu(interpreter);
    const { output } = await runScript({ vo: ownVo, cpu }, script);
    return { output, meter: readMeter(last().ram) };
  };

  test("a system that stays native uses no virtual body", async () => {
    const { output, meter } = await run(native);
    expect(output).toMatch(/^(\d+\n){5}$/);
    expect(Object.values(meter).map((forms) => forms.virtual)).toEqual(Object.values(meter).map(() => ({ calls: 0, ticks: 0 })));
    expect(meter.forkEntries.native.calls).toBeGreaterThan(10);
    expect(meter.acknowledgeLine.native.calls).toBeGreaterThan(0);
  });

  test("the same work costs more under the VMM, and the system goes back", async () => {
    const [plain, attached] = [await run(native), await run(virtual)];
    expect(attached.output).toBe(`${plain.output}virtual\nnative\n`);
    // Each pipeline forks twice, and each child gets a directory.
    expect(attached.meter.prepareDirectory.virtual.calls).toBeGreaterThanOrEqual(10);
    expect(attached.meter.forkEntries.virtual.calls).toBeGreaterThanOrEqual(10);
    expect(attached.meter.loadSpace.virtual.calls).toBeGreaterThan(10);
    expect(attached.meter.returnFromTrap.virtual.calls).toBeGreaterThan(attached.meter.loadSpace.virtual.calls);
    for (const name of ["loadSpace", "setEntry", "out8"] as const) {
      const { calls, ticks } = attached.meter[name].virtual;
      expect(ticks / calls).toBeGreaterThan(20);
    }
    // A second that nobody has anything to do in, at a tick a nanosecond.
    expect(attached.meter.idle.virtual.ticks).toBeGreaterThan(500_000_000);
    const perFork = ({ calls, ticks }: { readonly calls: number; readonly ticks: number }): number => ticks / calls;
    expect(perFork(attached.meter.forkEntries.virtual)).toBeGreaterThan(perFork(plain.meter.forkEntries.native));
  });
});
