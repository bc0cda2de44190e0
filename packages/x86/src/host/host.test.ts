import { describe, expect, test } from "vitest";
import { assemble, i, type Line, r } from "../../test/assemble.ts";
import { clockwork, count, counters } from "../../test/clockwork.ts";
import { flatKernel } from "../../test/flat-kernel.ts";
import { createMachine, type Machine } from "../machine.ts";
import { drive } from "./drive.ts";
import { trace } from "./trace.ts";

/** A kernel that answers each byte that it is sent with the next one, and switches off after Z. */
function echo(): Machine {
  const ready: Line[] = [
    ["mov", r("dx"), i(0x3fd)],
    ["in", r("al"), r("dx")],
    ["test", r("al"), i(1)],
  ];
  const answer: Line[] = [
    ["mov", r("dx"), i(0x3f8)],
    ["in", r("al"), r("dx")],
    ["inc", r("al")],
    ["out", r("dx"), r("al")],
    ["cmp", r("al"), i("[".charCodeAt(0))],
  ];
  const off: Line[] = [
    ["mov", r("dx"), i(0xf4)],
    ["mov", r("al"), i(3)],
    ["out", r("dx"), r("al")],
  ];
  const wait = assemble(ready);
  const work = assemble(answer);
  const back = -(wait.length + 2 + work.length + 2) & 0xff;
  const code = [...wait, 0x74, -(wait.length + 2) & 0xff, ...work, 0x75, back, ...assemble(off)];
  const machine = createMachine({ memory: 2 << 20, icount: true });
  machine.load({ image: flatKernel(code) });
  return machine;
}

async function read(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const bytes of stream) text += new TextDecoder().decode(bytes);
  return text;
}

describe("a machine that runs by itself", () => {
  test("has its consoles as streams, and ends when the guest does", async () => {
    const machine = echo();
    const [com1] = machine.consoles;
    const printed = read(com1.output);
    const running = drive(machine, { slice: 1000 });
    com1.type("GDKKN");
    const writer = com1.input.getWriter();
    await writer.write(new TextEncoder().encode("Z"));
    expect(await running.done).toEqual({ reason: "exit", code: 3 });
    expect(await printed).toBe("HELLO[");
  });

  test("has new streams when it is restored after its end", async () => {
    const machine = echo();
    const before = machine.save();
    const lives: string[] = [];
    for (const typed of ["GZ", "BXDZ"]) {
      const [com1] = machine.consoles;
      const printed = read(com1.output);
      com1.type(typed);
      expect(machine.run(100_000)).toEqual({ reason: "exit", code: 3 });
      lives.push(await printed);
      machine.restore(before);
    }
    expect(lives).toEqual(["H[", "CYE["]);
  });

  test("may send when nobody reads any more", async () => {
    const machine = echo();
    const [com1] = machine.consoles;
    await com1.output.cancel();
    com1.type("AZ");
    expect(machine.run(100_000)).toEqual({ reason: "exit", code: 3 });
  });

  test("is left as it is when it is aborted", async () => {
    const machine = clockwork();
    const control = new AbortController();
    let slices = 0;
    const running = drive(machine, { slice: 1000, signal: control.signal, pause: () => ++slices === 5 && control.abort() });
    expect(await running.done).toBeUndefined();
    expect(machine.counters.instructions).toBe(5000);
  });

  test("ends when it is aborted in the moment in which it comes to stand still", async () => {
    const control = new AbortController();
    const running = drive(clockwork(), { signal: control.signal, run: () => undefined, pause: () => control.abort() });
    expect(await running.done).toBe(undefined);
  });

  test("sleeps on the host's clock while the guest waits", async () => {
    const machine = clockwork({ icount: false });
    const control = new AbortController();
    const running = drive(machine, { signal: control.signal, pause: () => count(machine, counters.timer) >= 5 && control.abort() });
    await running.done;
    expect(count(machine, counters.timer)).toBeGreaterThanOrEqual(5);
  });
});

describe("events", () => {
  test("tell of every interrupt and every wait, and cost nobody anything who does not listen", () => {
    const [silent, watched] = [clockwork(), clockwork()];
    const vectors = new Map<number, number>();
    let idle = 0;
    const stop = watched.on("interrupt", ({ vector }) => vectors.set(vector, (vectors.get(vector) ?? 0) + 1));
    watched.on("idle", ({ from, to }) => (idle += to - from));
    silent.run(300_000);
    watched.run(300_000);
    expect([watched.registers, watched.memoryHash()]).toEqual([silent.registers, silent.memoryHash()]);
    expect((vectors.get(0x20) ?? 0) + (vectors.get(0x28) ?? 0)).toBe(watched.counters.interrupts);
    expect(idle).toBeGreaterThan(0);
    expect(idle).toBeLessThanOrEqual(watched.now);
    stop();
    const heard = [...vectors.values()];
    watched.run(100_000);
    expect([...vectors.values()]).toEqual(heard);
  });

  test("make a trace that Chrome and Perfetto can read", () => {
    const machine = clockwork();
    const recording = trace(machine);
    machine.run(200_000);
    machine.receive(0, Uint8Array.of(1));
    const { traceEvents } = JSON.parse(recording.finish()) as {
      traceEvents: { name: string; ph: string; ts: number; dur?: number; tid: number }[];
    };
    const named = (name: string): number => traceEvents.filter((event) => event.name === name).length;
    expect(named("vector 0x20") + named("vector 0x28")).toBe(machine.counters.interrupts);
    expect(named("HLT")).toBeGreaterThan(3);
    expect(named("COM1")).toBe(1);
    for (const event of traceEvents) expect(event.ts + (event.dur ?? 0)).toBeLessThanOrEqual(machine.now / 1000);
  });

  test("of a trace are counted when there are too many", () => {
    const machine = clockwork();
    const recording = trace(machine, 20);
    machine.run(1_000_000);
    const { traceEvents, otherData } = JSON.parse(recording.finish()) as { traceEvents: unknown[]; otherData: { dropped: number } };
    expect(traceEvents).toHaveLength(20);
    expect(otherData.dropped).toBeGreaterThan(machine.counters.interrupts / 2);
  });
});
