import type { Machine } from "../machine.ts";

/** One event of the Trace Event Format, which Chrome's about:tracing and Perfetto read; times in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly ph: "X" | "i" | "M";
  readonly ts: number;
  readonly dur?: number;
  readonly pid: 1;
  readonly tid: number;
  readonly s?: "t";
  readonly args?: Readonly<Record<string, unknown>>;
}

/** Rows of the picture. */
const rows = { processor: 1, interrupts: 2, exceptions: 3, console: 4 } as const;

/** Names of exceptions (SDM 3A table 6-1), by vector. */
const exceptionNames: Readonly<Record<number, string>> = {
  0: "#DE",
  1: "#DB",
  2: "NMI",
  3: "#BP",
  4: "#OF",
  5: "#BR",
  6: "#UD",
  7: "#NM",
  8: "#DF",
  10: "#TS",
  11: "#NP",
  12: "#SS",
  13: "#GP",
  14: "#PF",
  16: "#MF",
  17: "#AC",
  18: "#MC",
  19: "#XM",
};

/** A recording under way. */
export interface Trace {
  /** Ends the recording; the JSON text of all that was recorded. */
  finish(): string;
}

/**
 * Records what happens in a machine as a picture over machine time: when the processor waited, which interrupts and exceptions were
 * delivered, when input came. After `most` events the rest is only counted.
 */
export function trace(machine: Machine, most = 1_000_000): Trace {
  const events: TraceEvent[] = Object.entries(rows).map(([name, tid]) => ({
    name: "thread_name",
    ph: "M",
    ts: 0,
    pid: 1,
    tid,
    args: { name },
  }));
  let dropped = 0;
  const add = (event: Omit<TraceEvent, "pid">): void => {
    if (events.length < most) events.push({ ...event, pid: 1 });
    else dropped++;
  };
  const hex = (number: number): string => `0x${number.toString(16)}`;
  const instant = (name: string, tid: number, time: number, args: TraceEvent["args"]): void =>
    add({ name, ph: "i", ts: time / 1000, tid, s: "t", ...(args !== undefined && { args }) });
  const silence = [
    machine.on("idle", ({ from, to }) => add({ name: "HLT", ph: "X", ts: from / 1000, dur: (to - from) / 1000, tid: rows.processor })),
    machine.on("interrupt", ({ vector, time, instructions }) => instant(`vector ${hex(vector)}`, rows.interrupts, time, { instructions })),
    machine.on("exception", ({ vector, errorCode, time, instructions }) =>
      instant(exceptionNames[vector] ?? `vector ${vector}`, rows.exceptions, time, {
        instructions,
        ...(errorCode !== undefined && { errorCode: hex(errorCode) }),
      }),
    ),
    machine.on("input", ({ port, bytes, time }) => instant(`COM${port + 1}`, rows.console, time, { bytes: bytes.length })),
    machine.on("end", ({ stop, time, instructions }) => instant(stop.reason, rows.processor, time, { instructions })),
  ];
  return {
    finish() {
      for (const stop of silence) stop();
      return JSON.stringify({ traceEvents: events, displayTimeUnit: "ns", otherData: { clock: "machine time", dropped } });
    },
  };
}
