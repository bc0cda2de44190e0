import { resetState } from "../src/cpu/reset.ts";
import { cacheSegment, updateMode } from "../src/cpu/segments.ts";
import { decodeExtended, encodeExtended } from "../src/cpu/simd/fxsave.ts";
import { createProcessor, type Processor } from "../src/interpreter/processor.ts";
import type { CpuBus } from "../src/layer.ts";
import { flushAllTlbs } from "../src/mmu/tlb.ts";
import { readFlags, writeFlags } from "../src/state/flags.ts";
import { at, cr0, cr4, CS, DS, ES, FS, GS, SS, TR, unavailable } from "../src/state/layout.ts";
import {
  CODE,
  DATA,
  ENDLESS,
  EXTENDED,
  HEADER,
  IMAGE_AT,
  POINTERS,
  POINTERS_AT,
  REGION,
  SUPERVISOR,
  SUPERVISOR_SIZE,
  WINDOW,
  WINDOW_AT,
  type Case,
  type Outcome,
} from "./layout.ts";

/** Physical pages. Those of code and data are not in the order of their linear addresses. */
const frame = { directory: 0x1000, low: 0x2000, code: 0x3000, data: 0x4000, descriptors: 0x5000, handlers: 0x6000, stack: 0x7000 } as const;
const codeFrames = [0x9000, 0x8000] as const;
const dataFrames = [0xb000, 0xa000] as const;
const PAGE = REGION / 2;
/** Instructions: after so many a sequence counts as endless, and after so many more it is. */
const PATIENCE = 100_000;
const LONG_PATIENCE = 20_000_000_000;
const PRESENT_WRITABLE = 3;
const PRESENT_WRITABLE_USER = 7;

const flat = (access: number): { address: number; low: number; high: number } => ({
  address: 0,
  low: 0xffff,
  high: 0xcf0000 | (access << 8),
});
const USER_CODE = 0xfb;
const USER_DATA = 0xf3;
/** Vectors whose exceptions push an error code (SDM 3A table 6-1). */
const withErrorCode: ReadonlySet<number> = new Set([8, 10, 11, 12, 13, 14, 17]);

/** Nothing is known of a sequence in the middle of its run. */
const endless: Outcome = {
  registers: [],
  eip: 0,
  eflags: 0,
  trap: ENDLESS,
  error: 0,
  address: 0,
  checksum: 0,
  extended: new Uint8Array(),
  window: new Uint8Array(),
  pointers: new Uint8Array(),
  header: new Uint8Array(),
};

const silentBus: CpuBus = {
  readPort: () => 0,
  writePort: () => undefined,
  readMemory: () => 0,
  writeMemory: () => undefined,
  acknowledge: () => 0,
  timeStamp: () => 0n,
};

/** Our CPU in ring 3, with paging, and a HLT behind every exception vector. */
export class EmulatedRunner {
  readonly #processor: Processor;
  readonly #ram: DataView;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;

  constructor() {
    this.#processor = createProcessor({ memory: 1 << 20, bus: silentBus });
    this.#bytes = this.#processor.core.memory.ram;
    this.#words = new Int32Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length / 4);
    this.#ram = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
    this.#buildTables();
  }

  #word(address: number, value: number): void {
    this.#ram.setInt32(address, value, true);
  }

  #buildTables(): void {
    resetState(this.#processor.core);
    // 64 KB for the supervisor; code and data for the user.
    this.#word(frame.directory + (SUPERVISOR >>> 22) * 4, frame.low | PRESENT_WRITABLE);
    this.#word(frame.directory + (CODE >>> 22) * 4, frame.code | PRESENT_WRITABLE_USER);
    this.#word(frame.directory + (DATA >>> 22) * 4, frame.data | PRESENT_WRITABLE_USER);
    for (let page = 0; page < SUPERVISOR_SIZE / PAGE; page++) this.#word(frame.low + page * 4, (page << 12) | PRESENT_WRITABLE);
    for (const [page, address] of codeFrames.entries()) this.#word(frame.code + page * 4, address | PRESENT_WRITABLE_USER);
    for (const [page, address] of dataFrames.entries()) this.#word(frame.data + page * 4, address | PRESENT_WRITABLE_USER);
    this.#buildDescriptors();
  }

  /** GDT: ring-0 code and data. IDT: vectors 0 to 31, INT3 and INTO open to ring 3. */
  #buildDescriptors(): void {
    const { state } = this.#processor.core;
    const idt = frame.descriptors + 0x100;
    const tss = frame.descriptors + 0x400;
    for (const [index, access] of [
      [1, 0x9b],
      [2, 0x93],
    ] as const) {
      this.#word(frame.descriptors + index * 8, 0xffff);
      this.#word(frame.descriptors + index * 8 + 4, 0xcf0000 | (access << 8));
    }
    for (let vector = 0; vector < 32; vector++) {
      const handler = frame.handlers + vector * 16;
      this.#bytes[handler] = 0xf4;
      this.#word(idt + vector * 8, 0x00080000 | handler);
      this.#word(idt + vector * 8 + 4, SUPERVISOR | (vector === 3 || vector === 4 ? 0xee00 : 0x8e00));
    }
    this.#word(tss + 4, SUPERVISOR + frame.stack + 0x1000);
    this.#word(tss + 8, 0x10);
    // No I/O permission bitmap: its base is beyond the limit.
    this.#word(tss + 0x64, 0x680000);
    state.set(at.gdtBase, SUPERVISOR + frame.descriptors);
    state.set(at.gdtLimit, 0xff);
    state.set(at.idtBase, SUPERVISOR + idt);
    state.set(at.idtLimit, 0xff);
    cacheSegment(this.#processor.core, TR, 0x18, { address: 0, low: 0x67 | (tss << 16), high: SUPERVISOR | 0x8b00 });
  }

  /** With `byHost`, x87 instructions are left to the host's functions as if their code always gave up. */
  run({ registers, eflags, codeOffset, code, window, extended }: Case, byHost = false): Outcome {
    const { core } = this.#processor;
    const { state } = core;
    this.#fill(codeFrames, 0xcc);
    this.#fill(dataFrames, 0);
    this.#copyIn(codeFrames, codeOffset, code);
    this.#copyIn(dataFrames, WINDOW_AT - DATA, window);
    state.set(at.cr0, cr0.PE | cr0.PG | cr0.WP | cr0.ET | cr0.NE | cr0.AM);
    state.set(at.cr4, cr4.OSFXSR | cr4.OSXMMEXCPT);
    const image = new DataView(extended.buffer, extended.byteOffset, extended.length);
    decodeExtended(core, true, (offset) => image.getInt32(offset, true));
    state.set(at.cr3, frame.directory);
    state.set(at.cpl, 3);
    state.set(at.activity, 0);
    cacheSegment(core, CS, 0x23, flat(USER_CODE));
    for (const number of [ES, SS, DS, FS, GS]) cacheSegment(core, number, 0x2b, flat(USER_DATA));
    for (const [number, value] of registers.entries()) state.set(at.registers + number * 4, value);
    state.set(at.eip, CODE + codeOffset);
    writeFlags(state, eflags);
    flushAllTlbs(core);
    updateMode(core);
    // Generated code looks at this word, the host's functions at CR0.
    if (byHost) state.set(at.unavailable, unavailable.mmx);
    return this.#finish(PATIENCE);
  }

  /** Lets a sequence that `run` found endless go on for as long as the host would need seconds for. */
  goOn(): Outcome {
    return this.#finish(LONG_PATIENCE);
  }

  #finish(instructions: number): Outcome {
    for (let left = instructions; left > 0; left -= PATIENCE) {
      const stop = this.#processor.engine.run(PATIENCE);
      if (stop === "halted") return this.#outcome();
      if (stop !== "count") throw new Error(`the sequence stopped with ${stop}`);
    }
    return endless;
  }

  /** Each page is told to the cache of decoded code, as a store would. */
  #fill(frames: readonly number[], value: number): void {
    for (const address of frames) {
      this.#processor.blocks.invalidate(this.#processor.core.memory.ramBase + address, PAGE);
      this.#bytes.fill(value, address, address + PAGE);
    }
  }

  #copyIn([low, high]: readonly [number, number], offset: number, bytes: Uint8Array): void {
    const inLow = Math.min(Math.max(PAGE - offset, 0), bytes.length);
    this.#bytes.set(bytes.subarray(0, inLow), low + offset);
    this.#bytes.set(bytes.subarray(inLow), high + Math.max(offset - PAGE, 0));
  }

  #copyOut([low, high]: readonly [number, number], offset: number, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    const inLow = Math.min(Math.max(PAGE - offset, 0), size);
    bytes.set(this.#bytes.subarray(low + offset, low + offset + inLow));
    const inHigh = high + Math.max(offset - PAGE, 0);
    bytes.set(this.#bytes.subarray(inHigh, inHigh + size - inLow), inLow);
    return bytes;
  }

  /** Moves bytes out of the data, which then has zeros there. */
  #take(offset: number, size: number): Uint8Array {
    const taken = this.#copyOut(dataFrames, offset, size);
    this.#copyIn(dataFrames, offset, new Uint8Array(size));
    return taken;
  }

  /** As native.c has it: a hash over words (FNV-1a's steps), in which no single difference is lost. */
  #checksum(frames: readonly [number, number]): number {
    const words = this.#words;
    let hash = 0x811c9dc5;
    for (const address of frames) {
      for (let index = address / 4; index < (address + PAGE) / 4; index++) hash = Math.imul(hash ^ (words[index] ?? 0), 0x01000193);
    }
    return hash;
  }

  /** Vector and registers out of the handler's EIP and stack. */
  #outcome(): Outcome {
    const { state } = this.#processor.core;
    const pointers = this.#take(POINTERS_AT - DATA, POINTERS);
    const header = this.#take(IMAGE_AT - DATA, HEADER);
    const trap = (state.get(at.eip) - SUPERVISOR - frame.handlers) >>> 4;
    const hasError = withErrorCode.has(trap);
    const stack = state.get(at.esp) - SUPERVISOR;
    const top = stack + (hasError ? 4 : 0);
    const word = (index: number): number => this.#ram.getUint32(top + index * 4, true);
    const registers = Array.from({ length: 8 }, (_, number) => state.get(at.registers + number * 4) >>> 0);
    registers[4] = word(3);
    return {
      registers,
      eip: word(0),
      eflags: word(2),
      trap,
      error: hasError ? this.#ram.getUint32(stack, true) : 0,
      address: trap === 14 ? state.get(at.cr2) >>> 0 : 0,
      checksum: (this.#checksum(dataFrames) ^ this.#checksum(codeFrames)) >>> 0,
      extended: this.#extended(),
      window: this.#copyOut(dataFrames, WINDOW_AT - DATA, WINDOW),
      pointers,
      header,
    };
  }

  #extended(): Uint8Array {
    const image = new DataView(new ArrayBuffer(EXTENDED));
    encodeExtended(this.#processor.core.state, true, (offset, value) => image.setInt32(offset, value, true));
    return new Uint8Array(image.buffer);
  }

  /** EFLAGS now; for tests of the harness itself. */
  get flags(): number {
    return readFlags(this.#processor.core.state);
  }
}
