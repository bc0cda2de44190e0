import { MachineError } from "../errors.ts";
import type { Watchpoint } from "../cpu/breakpoints.ts";
import type { CpuDebug } from "../layer.ts";
import type { Machine, MachineStop } from "../machine.ts";
import { Timeline, type TimelineOptions } from "./timeline.ts";

/** How a move under the debugger ended. */
export type DebugStop =
  | MachineStop
  /** Going back has come to the beginning of the timeline. */
  | { readonly reason: "beginning" };

/** Instructions after which a step that an interrupt came into is given up waiting for. */
const longestHandler = 20_000_000;

/**
 * A machine in the hands of a debugger: breakpoints, single steps and, when its time is its instructions, the way back. Whoever runs the machine does it
 * through `run`, and gives it input through `receive`.
 */
export class Debugger {
  readonly machine: Machine;
  /** Undefined when time is the host's: then there is no way back. */
  readonly timeline: Timeline | undefined;
  readonly #cpu: CpuDebug;
  #breakpoints: ReadonlySet<number> = new Set();
  #watchpoints: readonly Watchpoint[] = [];

  /** MachineError (`configuration`) for a processor that cannot be debugged. */
  constructor(machine: Machine, options: TimelineOptions & { readonly icount: boolean }) {
    if (machine.debug === undefined) throw new MachineError("configuration", "this machine's processor cannot be debugged");
    this.machine = machine;
    this.#cpu = machine.debug;
    this.timeline = options.icount ? new Timeline(machine, options) : undefined;
  }

  /** Linear addresses at which `run` stops. */
  get breakpoints(): ReadonlySet<number> {
    return this.#breakpoints;
  }

  set breakpoints(addresses: ReadonlySet<number>) {
    this.#breakpoints = new Set(addresses);
    this.#cpu.setBreakpoints(this.#breakpoints);
  }

  /** Linear ranges; `run` stops after an instruction that reads or writes there. */
  get watchpoints(): readonly Watchpoint[] {
    return this.#watchpoints;
  }

  set watchpoints(watchpoints: readonly Watchpoint[]) {
    this.#watchpoints = [...watchpoints];
    this.#cpu.setWatchpoints(this.#watchpoints);
  }

  /** Bytes that a debugger asks for, as far as they are mapped. */
  readMemory(linear: number, length: number): Uint8Array {
    return this.#cpu.readLinear(linear, length);
  }

  /** False when a page is not mapped; then nothing is written. */
  writeMemory(linear: number, bytes: Uint8Array): boolean {
    if (this.#cpu.readLinear(linear, bytes.length).length < bytes.length) return false;
    const copy = bytes.slice();
    this.#intervene(() => this.#cpu.writeLinear(linear, copy));
    return true;
  }

  /** False for a register that cannot be set. */
  setRegister(name: string, value: number): boolean {
    let done = false;
    this.#intervene(() => (done = this.#cpu.setRegister(name, value)));
    return done;
  }

  /** Bytes arrive at a serial port. */
  receive(port: 0 | 1 | 2, bytes: Uint8Array): void {
    if (this.timeline === undefined) this.machine.receive(port, bytes);
    else this.timeline.receive(port, bytes);
  }

  /** The machine does again what it has done before. */
  get repeating(): boolean {
    return this.timeline?.repeating ?? false;
  }

  /** Runs on; a breakpoint at the present instruction stops it. `leave` lets that instruction begin. */
  run(count: number): MachineStop {
    return this.timeline === undefined ? this.machine.run(count) : this.timeline.run(count);
  }

  /** The next run begins with the present instruction, whatever breakpoint is there. */
  leave(): void {
    this.#cpu.pass();
  }

  /** One instruction. An interrupt that comes first is served first, up to a breakpoint in its handler. */
  step(): MachineStop {
    const { eip, esp, cs } = this.machine.registers;
    const before = this.machine.counters.interrupts;
    this.leave();
    const stop = this.run(1);
    if (stop.reason !== "count" || this.machine.counters.interrupts === before) return stop;
    return this.#serve({ eip, esp, cs });
  }

  /** Back by one instruction; the delivery of an interrupt or exception is one. */
  stepBack(): DebugStop {
    const timeline = this.#past();
    if (timeline.position <= timeline.start) return { reason: "beginning" };
    this.#unwatched(() => timeline.visit(timeline.position - 1));
    return { reason: "count" };
  }

  /** To a position of the past, or the present. */
  visit(position: number): void {
    const timeline = this.#past();
    this.#unwatched(() => timeline.visit(position));
  }

  /** Back to the last breakpoint before this instant, or to the beginning. */
  runBack(): DebugStop {
    const timeline = this.#past();
    let end = timeline.position;
    for (let number = timeline.checkpointBefore(end); number !== undefined; number = timeline.checkpointBefore(end)) {
      timeline.recall(number);
      const start = timeline.position;
      const last = this.#lastBreakpoint(timeline, end);
      if (last !== undefined) {
        this.#unwatched(() => timeline.visit(last.position));
        return last.stop;
      }
      end = start;
    }
    this.#unwatched(() => timeline.visit(timeline.start));
    return { reason: "beginning" };
  }

  /** The last breakpoint or watchpoint from here up to `end`, and where the machine stood before that instruction. */
  #lastBreakpoint(timeline: Timeline, end: number): { readonly position: number; readonly stop: MachineStop } | undefined {
    let last: { readonly position: number; readonly stop: MachineStop } | undefined;
    while (timeline.position < end) {
      const stop = timeline.run(end - timeline.position);
      if (stop.reason === "breakpoint") last = { position: timeline.position, stop };
      else if (stop.reason === "watchpoint") last = { position: timeline.position - 1, stop };
      else break;
      this.leave();
    }
    return last;
  }

  /** Runs an interrupt's handler until it is back where it came from, and then the instruction there. */
  #serve(from: { readonly eip: number; readonly esp: number; readonly cs: number }): MachineStop {
    const marks = new Set([...this.#breakpoints, from.eip]);
    const end = this.machine.counters.instructions + longestHandler;
    this.#cpu.setBreakpoints(marks);
    try {
      while (this.machine.counters.instructions < end) {
        const stop = this.run(end - this.machine.counters.instructions);
        const { eip, esp, cs } = this.machine.registers;
        if (stop.reason !== "breakpoint" || (this.#breakpoints.has(eip) && eip !== from.eip)) return stop;
        this.leave();
        if (eip === from.eip && esp === from.esp && cs === from.cs) return this.run(1);
        this.run(1);
      }
      return { reason: "count" };
    } finally {
      this.#cpu.setBreakpoints(this.#breakpoints);
    }
  }

  #unwatched(move: () => void): void {
    this.#cpu.setBreakpoints([]);
    this.#cpu.setWatchpoints([]);
    move();
    this.#cpu.setBreakpoints(this.#breakpoints);
    this.#cpu.setWatchpoints(this.#watchpoints);
  }

  #intervene(change: () => void): void {
    if (this.timeline === undefined) change();
    else this.timeline.intervene(change);
  }

  #past(): Timeline {
    if (this.timeline === undefined)
      throw new MachineError("configuration", "going back in time needs a machine whose time is its instructions (icount)");
    return this.timeline;
  }
}
