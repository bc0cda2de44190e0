import { FAULT, RESTART, SHUTDOWN, vector } from "../cpu/exceptions.ts";
import { deliver, deliverException } from "../cpu/interrupts.ts";
import type { Core } from "../cpu/core.ts";
import { codeBreakpoints, dr6, recordDebugEvent, trapLater } from "../cpu/system/debug-registers.ts";
import { activity, at, eflags } from "../state/layout.ts";
import type { Stop } from "../layer.ts";
import type { BlockCache } from "./blocks.ts";
import { header } from "./record.ts";

/** What the module of generated code exports. */
export interface GeneratedCode {
  /** Goes on at the state's EIP. */
  dispatch(cpu: number): void;
  /** Runs a block from its start. */
  enter(cpu: number, block: number): void;
}

/** Budgets fit in 31 bits, with room for blocks to overdraw them. */
const LARGEST_BUDGET = 0x3fff_ffff;

/**
 * The run loop: everything that happens between instructions. Generated code comes back when the budget is spent or
 * when something may have to happen before the next instruction, so interrupts are taken at exactly the instruction boundary
 * at which they become deliverable, in every tier.
 */
export class Engine {
  readonly #core: Core;
  readonly #blocks: BlockCache;
  readonly #code: GeneratedCode;
  /** The next instruction runs as a block of its own. */
  #alone = false;

  constructor(core: Core, blocks: BlockCache, code: GeneratedCode) {
    this.#core = core;
    this.#blocks = blocks;
    this.#code = code;
  }

  /**
   * Retires `count` instructions, or stops earlier. The delivery of an exception or interrupt counts as one, so that a handler
   * that faults at its first instruction forever does not keep the host forever.
   */
  run(count: number): Stop {
    const core = this.#core;
    const goal = core.retired + count;
    core.attention = false;
    core.stopped = false;
    core.watched = undefined;
    for (;;) {
      const left = goal - core.retired;
      if (core.state.get(at.activity) === activity.shutdown) return "triple-fault";
      if (core.watched !== undefined) return "watchpoint";
      if (left <= 0) return "count";
      if (core.stopped) return "breakpoint";
      if (core.attention) return "left";
      try {
        if (this.#takeEvent()) continue;
        if (core.state.get(at.activity) === activity.halted) return "halted";
        this.#execute(Math.min(left, LARGEST_BUDGET));
      } catch (unwound) {
        this.#recover(unwound);
      }
    }
  }

  /** Interrupts in order of priority (SDM 3A table 6-2). */
  #takeEvent(): boolean {
    const { state } = this.#core;
    if (state.get(at.debugPending) !== 0 && this.#trap()) return true;
    if (state.get(at.nmi) === 0 && state.get(at.interrupt) === 0) return false;
    if (this.#core.interruptsInhibited) {
      this.#alone = true;
      return false;
    }
    if (state.get(at.nmi) !== 0 && state.get(at.nmiBlocked) === 0) {
      state.set(at.nmi, 0);
      state.set(at.nmiBlocked, 1);
      this.#interrupt(vector.NMI);
      return true;
    }
    if (state.get(at.interrupt) === 0 || (state.get(at.eflags) & eflags.IF) === 0) return false;
    state.set(at.interruptCount, state.get(at.interruptCount) + 1);
    const number = this.#core.bus.acknowledge();
    this.#core.bus.observe?.("interrupt", number, undefined);
    this.#interrupt(number);
    return true;
  }

  /** Traps of the previous instruction come before interrupts; MOV SS holds them until after the next instruction. */
  #trap(): boolean {
    const core = this.#core;
    const { state } = core;
    if (core.debugInhibited) {
      this.#alone = true;
      return false;
    }
    // A breakpoint of the next instruction is reported with it, as one exception.
    recordDebugEvent(core, state.get(at.debugPending) | codeBreakpoints(core));
    state.set(at.debugPending, 0);
    state.set(at.activity, activity.active);
    core.record = 0;
    this.#countDelivery();
    deliverException(core, { vector: vector.DB, errorCode: undefined, resume: this.#iterating });
    return true;
  }

  #interrupt(number: number): void {
    const core = this.#core;
    core.state.set(at.activity, activity.active);
    core.record = 0;
    this.#countDelivery();
    deliver(core, { vector: number, software: false, errorCode: undefined, resume: this.#iterating });
  }

  #countDelivery(): void {
    this.#core.setBudget(1);
    this.#core.state.set(at.budget, 0);
  }

  #execute(budget: number): void {
    const core = this.#core;
    const { state } = core;
    const special = state.get(at.eflags) & (eflags.TF | eflags.RF);
    core.setBudget(special !== 0 || this.#alone ? 1 : budget);
    this.#alone = false;
    state.set(at.tail, 0);
    state.set(at.iterating, 0);
    core.delivered = false;
    core.resumeLoaded = false;
    this.#code.dispatch(state.base);
    while (state.get(at.tail) !== 0 && state.get(at.budget) > 0) this.#runTail();
    // Without having begun, it has come to a breakpoint.
    if (special !== 0 && state.get(at.budget) === 0) this.#finishSpecial(special);
  }

  /** The next block is longer than the budget: runs its first instructions. */
  #runTail(): void {
    const { state, memory } = this.#core;
    state.set(at.tail, 0);
    const block = this.#blocks.translate();
    if (block === 0) return;
    const budget = state.get(at.budget);
    const fits = memory.word(block + header.count) <= budget;
    this.#code.enter(state.base, fits ? block : this.#blocks.shorten(block, budget));
  }

  /** TF or RF was set when an instruction began. The trap after MOV SS is that of the next instruction (SDM 3B 17.3.1.4). */
  #finishSpecial(special: number): void {
    const core = this.#core;
    const { state } = core;
    // Between the iterations of a repeated instruction RF stays (SDM 3B 17.3.1.1).
    if ((special & eflags.RF) !== 0 && !core.resumeLoaded && !this.#iterating) state.set(at.eflags, state.get(at.eflags) & ~eflags.RF);
    if ((special & eflags.TF) === 0 || core.debugInhibited || core.delivered) return;
    core.stopped = false;
    trapLater(core, dr6.singleStep);
  }

  /** An interrupt or trap that comes now comes between two iterations, and saves RF as 1. */
  get #iterating(): boolean {
    return this.#core.state.get(at.iterating) !== 0;
  }

  #recover(unwound: unknown): void {
    const core = this.#core;
    try {
      this.#handle(unwound);
    } catch (again) {
      if (again !== SHUTDOWN) throw again;
      core.record = 0;
      core.state.set(at.activity, activity.shutdown);
    }
  }

  #handle(unwound: unknown): void {
    const core = this.#core;
    if (unwound === SHUTDOWN) throw unwound;
    core.rewind();
    if (unwound === RESTART) {
      this.#alone = true;
      return;
    }
    if (unwound !== FAULT) throw unwound;
    this.#countDelivery();
    deliverException(core, { ...core.fault });
  }
}
