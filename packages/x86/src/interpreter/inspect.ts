import type { Core } from "../cpu/core.ts";
import type { Watchpoint } from "../cpu/breakpoints.ts";
import type { CpuDebug, FloatingRegisters } from "../layer.ts";
import { peekTranslation } from "../mmu/peek.ts";
import { flushAllTlbs } from "../mmu/tlb.ts";
import { readFlags, writeFlags } from "../state/flags.ts";
import { at, CS, eflags, segment } from "../state/layout.ts";
import { FRAME_SIZE } from "../state/memory.ts";
import type { BlockCache } from "./blocks.ts";

/** Registers that a debugger may set: those that are no more than a number. */
const plain: Readonly<Record<string, number>> = {
  eax: at.eax,
  ecx: at.ecx,
  edx: at.edx,
  ebx: at.ebx,
  esp: at.esp,
  ebp: at.ebp,
  esi: at.esi,
  edi: at.edi,
  eip: at.eip,
  mxcsr: at.mxcsr,
};
/** What a debugger may change in EFLAGS: everything but VM, which is a change of mode (SDM 1 3.4.3). */
const settableFlags = ~(eflags.VM | eflags.fixed);

/** The parts of one page each that a range of linear addresses is made of. */
function* pieces(linear: number, length: number): Generator<{ readonly linear: number; readonly offset: number; readonly length: number }> {
  for (let offset = 0; offset < length;) {
    const start = (linear + offset) >>> 0;
    const part = Math.min(length - offset, FRAME_SIZE - (start & (FRAME_SIZE - 1)));
    yield { linear: start, offset, length: part };
    offset += part;
  }
}

/** What debuggers see and change of an interpreted processor that stands still. */
export class Inspector implements CpuDebug {
  readonly #core: Core;
  readonly #blocks: BlockCache;

  constructor(core: Core, blocks: BlockCache) {
    this.#core = core;
    this.#blocks = blocks;
  }

  setBreakpoints(addresses: Iterable<number>): void {
    this.#core.breakpoints.setHost(addresses);
    this.#blocks.clear();
  }

  setWatchpoints(watchpoints: readonly Watchpoint[]): void {
    this.#core.breakpoints.setWatchpoints(watchpoints);
    flushAllTlbs(this.#core);
  }

  get watched(): Watchpoint | undefined {
    return this.#core.watched;
  }

  pass(): void {
    const core = this.#core;
    core.breakpoints.pass(core.state.get(at.eip) + core.segment(CS, segment.base), core.retired);
  }

  readLinear(linear: number, length: number): Uint8Array {
    const found = new Uint8Array(length);
    for (const piece of pieces(linear, length)) {
      const host = this.#hostAddress(piece.linear);
      if (host === undefined) return found.slice(0, piece.offset);
      found.set(this.#core.memory.bytes.subarray(host, host + piece.length), piece.offset);
    }
    return found;
  }

  writeLinear(linear: number, bytes: Uint8Array): boolean {
    const targets = [...pieces(linear, bytes.length)].map((piece) => ({ ...piece, host: this.#hostAddress(piece.linear) }));
    if (targets.some(({ host }) => host === undefined)) return false;
    for (const { host = 0, offset, length } of targets) {
      this.#blocks.invalidate(host, length);
      this.#core.memory.bytes.set(bytes.subarray(offset, offset + length), host);
    }
    return true;
  }

  setRegister(name: string, value: number): boolean {
    const { state } = this.#core;
    if (name === "eflags") {
      writeFlags(state, (value & settableFlags) | (readFlags(state) & ~settableFlags));
      return true;
    }
    const offset = Object.hasOwn(plain, name) ? plain[name] : undefined;
    if (offset === undefined) return false;
    state.set(offset, value);
    return true;
  }

  get floating(): FloatingRegisters {
    const { state } = this.#core;
    const top = state.get(at.fpuTop);
    const bytes = (offset: number, length: number): Uint8Array => new Uint8Array(state.words.buffer, state.base + offset, length).slice();
    const numbers = [0, 1, 2, 3, 4, 5, 6, 7];
    return {
      st: numbers.map((number) => bytes(at.fpuRegisters + ((top + number) & 7) * 16, 10)),
      control: state.get(at.fpuControl),
      status: state.get(at.fpuStatus) | (top << 11),
      tags: numbers.reduce((word, number) => word | (this.#tag(number) << (number * 2)), 0),
      opcode: state.get(at.fpuOpcode),
      instructionSelector: state.get(at.fpuInstructionSelector),
      instructionOffset: state.get(at.fpuInstructionOffset) >>> 0,
      dataSelector: state.get(at.fpuDataSelector),
      dataOffset: state.get(at.fpuDataOffset) >>> 0,
      xmm: numbers.map((number) => bytes(at.xmm + number * 16, 16)),
      mxcsr: state.get(at.mxcsr),
    };
  }

  /** The two bits of the tag word for a physical register: valid, zero, special, empty (SDM 1 8.1.7). */
  #tag(number: number): number {
    const { state } = this.#core;
    if ((state.get(at.fpuTags) & (1 << number)) === 0) return 3;
    const register = at.fpuRegisters + number * 16;
    const significand = state.long(register);
    const exponent = state.get(register + 8) & 0x7fff;
    if (exponent === 0 && significand === 0n) return 1;
    // Bit 63 is the integer bit; without it, or with the greatest exponent, a value is no ordinary one.
    return exponent === 0x7fff || significand >= 0n ? 2 : 0;
  }

  #hostAddress(linear: number): number | undefined {
    const { memory } = this.#core;
    const physical = peekTranslation(this.#core, linear);
    return physical === undefined || physical >= memory.ramSize ? undefined : memory.ramBase + physical;
  }
}
