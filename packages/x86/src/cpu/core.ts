import type { CpuBus } from "../layer.ts";
import { at, CS, segment, segmentSize, TR } from "../state/layout.ts";
import { MachineMemory, StateBlock } from "../state/memory.ts";
import { record } from "../interpreter/record.ts";
import { TlbContents } from "../mmu/tlb.ts";
import { Breakpoints, type Watchpoint } from "./breakpoints.ts";
import { RESTART, type ErrorCode } from "./exceptions.ts";

/** The parts of the cache of decoded code that instructions reach. */
export interface CodeCache {
  /** Bytes of RAM at a host address are about to change. Whether the running block is among what was dropped. */
  invalidate(host: number, length: number): boolean;
  /** Forgets all decoded code; not while a block runs. */
  clear(): void;
  /** Blocks are to end with the instruction at the linear address `linear` from now on, so that it needs no run of its own. */
  endAfter(linear: number): void;
}

/**
 * A CPU as its TypeScript parts see it: the state block, memory and bus, and what is known only while an instruction
 * runs. Nothing here outlives an instruction but in the state block.
 */
export class Core {
  readonly memory: MachineMemory;
  readonly state: StateBlock;
  readonly bus: CpuBus;
  code: CodeCache | undefined;
  /** The exception that FAULT stands for. */
  readonly fault: { vector: number; errorCode: ErrorCode; resume: boolean } = { vector: 0, errorCode: undefined, resume: false };
  /** Record of the instruction that is under way, 0 between instructions. */
  record = 0;
  readonly breakpoints: Breakpoints = new Breakpoints();
  /** The run has come to a breakpoint of the debugger. */
  stopped = false;
  /** The watchpoint of the debugger that the present instruction has met. */
  watched: Watchpoint | undefined;
  /** `leave` was called, or the instruction wants the run loop to look around. */
  attention = false;
  /** An event was delivered during the present instruction: a single-step trap that was due is forgotten (SDM 3B 17.3.1.4). */
  delivered = false;
  /** The present instruction has loaded EFLAGS with RF as it is to be for the next one: IRET and task switches. */
  resumeLoaded = false;
  /** What is in the TLBs. */
  tlbs: TlbContents = new TlbContents();
  /** The double word at `at.limit`, as a number. */
  #limit = 0;

  /** What a reset puts into `at.hiddenFeatures`. */
  readonly hiddenFeatures: number;

  constructor(memory: MachineMemory, bus: CpuBus, hiddenFeatures: number = 0) {
    this.memory = memory;
    this.state = new StateBlock(memory, MachineMemory.cpuBase);
    this.bus = bus;
    this.hiddenFeatures = hiddenFeatures;
  }

  /** Instructions retired before the one under way. */
  get retired(): number {
    return this.#limit - this.state.get(at.budget) - this.remaining;
  }

  /** Instructions that the block has counted and not yet retired: those from the present one on. */
  get remaining(): number {
    return this.record === 0 ? 0 : this.memory.view.getUint16(this.record + record.remaining, true);
  }

  /** Lets `count` more instructions begin. */
  setBudget(count: number): void {
    const { state } = this;
    this.#limit += count - state.get(at.budget);
    state.set(at.budget, count);
    state.set(at.limit, this.#limit | 0);
    state.set(at.limit + 4, Math.floor(this.#limit / 0x1_0000_0000));
  }

  /** Takes the count of retired instructions from the state block, after that was replaced. */
  restoreCount(): void {
    this.#limit = Number(this.state.long(at.limit));
  }

  /** Sets the count of retired instructions; nothing more may begin until a budget is given. */
  setRetired(count: number): void {
    this.#limit = count;
    this.state.set(at.budget, 0);
    this.setBudget(0);
  }

  /** EIP of the instruction that is under way. */
  get instructionEip(): number {
    return this.memory.word(this.record + record.eip);
  }

  /** The present instruction and what follows it in the block have not been retired. */
  rewind(): void {
    if (this.record === 0) return;
    this.state.set(at.budget, this.state.get(at.budget) + this.remaining);
    this.state.set(at.eip, this.memory.word(this.record + record.eip));
    this.record = 0;
  }

  /** What is visible outside happens in blocks that end with it, so that interrupts are looked at right after. */
  requireBlockEnd(): void {
    if (this.record === 0) return;
    if (this.remaining !== 1) {
      this.code?.endAfter(this.instructionEip + this.segment(CS, segment.base));
      // oxlint-disable-next-line typescript/only-throw-error -- see RESTART
      throw RESTART;
    }
    // No block follows without a look around.
    this.setBudget(0);
  }

  get cpl(): number {
    return this.state.get(at.cpl);
  }

  /** A word of a segment cache. */
  segment(number: number, field: number): number {
    return this.state.get(at.segments + number * segmentSize + field);
  }

  setSegment(number: number, field: number, value: number): void {
    this.state.set(at.segments + number * segmentSize + field, value);
  }

  /**
   * MOV SS and POP SS: interrupts and debug exceptions wait until after the next instruction; of several in a row only the first has
   * that effect (SDM 3A 6.8.3).
   */
  inhibitEvents(): void {
    if (this.debugInhibited) return;
    // The present instruction ends its block, so one more than those before it will have retired.
    const after = BigInt(this.retired + 1);
    this.state.setLong(at.shadow, after);
    this.state.setLong(at.debugShadow, after);
  }

  get debugInhibited(): boolean {
    return Number(this.state.long(at.debugShadow)) === this.retired;
  }

  get interruptsInhibited(): boolean {
    return Number(this.state.long(at.shadow)) === this.retired;
  }
}

/** Number of segment caches. */
export const SEGMENTS: number = TR + 1;
