import type { Decoded } from "@mercury/isa";
import type { CodeCache, Core } from "../cpu/core.ts";
import { raise, raiseGeneral, vector } from "../cpu/exceptions.ts";
import { locateCode } from "../mmu/access.ts";
import { entryAddress, protectFrame, tlbIndex } from "../mmu/tlb.ts";
import { codeBreakpoints, recordDebugEvent } from "../cpu/system/debug-registers.ts";
import { at, CS, mode, segment } from "../state/layout.ts";
import { FRAME_SIZE, JUMP_ENTRIES, JUMP_ENTRY_SIZE, jump, MachineMemory, tlb } from "../state/memory.ts";
import { BLOCK_BYTES, BlockDecoder } from "./block-decoder.ts";
import type { Interpreter } from "./interpreter.ts";
import { header, HEADER_SIZE, link, record, RECORD_SIZE } from "./record.ts";

/** Granules of the code map: 32 to a frame. */
const GRANULE_SHIFT = 7;

/** A decoded block that is kept. */
interface Block {
  readonly address: number;
  readonly eip: number;
  readonly mode: number;
  readonly host: number;
  readonly length: number;
  /** Host address of the second page's part, when the one instruction of the block crosses into another page. */
  readonly secondHost: number;
  /** Link fields of records that lead here. */
  readonly incoming: number[];
  /** Another block from the same bytes, for another EIP or mode. */
  sibling: Block | undefined;
}

const jumpIndex = (eip: number): number => ((eip ^ (eip >>> 12)) & (JUMP_ENTRIES - 1)) * JUMP_ENTRY_SIZE + MachineMemory.jumpCache;

/** Decoded code of one CPU: found by host address, EIP and mode; dropped when its bytes change. */
export class BlockCache implements CodeCache {
  readonly #core: Core;
  readonly #decoder: BlockDecoder;
  readonly #byHost: Map<number, Block> = new Map();
  readonly #byFrame: Map<number, Set<Block>> = new Map();
  /** A block for one use, and the shortened copy that `shorten` makes. */
  readonly #temporary: number;
  readonly #tail: number;
  #free: number;

  constructor(core: Core, interpreter: Interpreter) {
    this.#core = core;
    this.#decoder = new BlockDecoder(core, interpreter);
    this.#temporary = core.memory.records;
    this.#tail = this.#temporary + BLOCK_BYTES;
    this.#free = this.#tail + BLOCK_BYTES;
  }

  /** The instruction that the host does for a record; not every record has one. */
  hosted(address: number): Decoded | undefined {
    return this.#decoder.hosted(address);
  }

  /** The block at the state's EIP, decoded if need be; raises what fetching raises. */
  translate(): number {
    const core = this.#core;
    const { state } = core;
    const eip = state.get(at.eip);
    const limit = core.segment(CS, segment.high);
    if (eip >>> 0 > limit >>> 0) raiseGeneral(core, 0);
    const linear = (eip + core.segment(CS, segment.base)) | 0;
    if (core.breakpoints.stops(linear, core.retired)) {
      core.stopped = true;
      return 0;
    }
    this.#checkBreakpoints(linear);
    const host = locateCode(core, linear);
    const blockMode = state.get(at.mode);
    if (host === undefined) {
      this.#decoder.decodeOutside(this.#temporary, linear, eip, blockMode);
      return this.#temporary;
    }
    const known = this.#find(host, eip, blockMode);
    if (known !== undefined && this.#usable(known, linear, limit)) return this.#remember(known, linear);
    return this.#decode(host, linear, eip, blockMode);
  }

  /** Instruction breakpoints are faults (SDM 3B 17.3.1.1). */
  #checkBreakpoints(linear: number): void {
    const core = this.#core;
    if (!core.breakpoints.divides(linear)) return;
    // Without budget the instruction does not begin yet, and a trap of the one before comes first.
    const bits = core.state.get(at.budget) > 0 ? codeBreakpoints(core) : 0;
    if (bits === 0) return;
    recordDebugEvent(core, bits);
    raise(core, vector.DB);
  }

  #usable(block: Block, linear: number, limit: number): boolean {
    if (this.#core.memory.word(block.address + header.last) >>> 0 > limit >>> 0) return false;
    if (block.secondHost === 0) return true;
    return locateCode(this.#core, (linear + block.length) | 0) === block.secondHost;
  }

  #find(host: number, eip: number, blockMode: number): Block | undefined {
    let block = this.#byHost.get(host);
    while (block !== undefined && (block.eip !== eip || block.mode !== blockMode)) block = block.sibling;
    return block;
  }

  /** Lets generated code find the block; what crosses a page or has a breakpoint is looked at anew each time. */
  #remember(block: Block, linear: number): number {
    if (block.secondHost !== 0 || this.#core.breakpoints.divides(linear)) return block.address;
    const { memory } = this.#core;
    const entry = jumpIndex(block.eip);
    memory.setWord(entry + jump.eip, block.eip);
    memory.setWord(entry + jump.host, block.host);
    memory.setWord(entry + jump.mode, block.mode);
    memory.setWord(entry + jump.block, block.address);
    return block.address;
  }

  #decode(host: number, linear: number, eip: number, blockMode: number): number {
    if (this.#free + BLOCK_BYTES > this.#core.memory.recordsEnd) this.clear();
    const address = this.#free;
    const size = this.#decoder.decode(address, host, linear, eip, blockMode);
    const { length, secondHost, keep } = this.#decoder.extent;
    // A limit that is lower than it was when these bytes were decoded first: rare, and not worth remembering.
    if (!keep || this.#find(host, eip, blockMode) !== undefined) return address;
    this.#free += size;
    const block: Block = { address, eip, mode: blockMode, host, length, secondHost, incoming: [], sibling: this.#byHost.get(host) };
    this.#byHost.set(host, block);
    this.#mark(block, host, length);
    if (secondHost !== 0) this.#mark(block, secondHost, this.#core.memory.word(address + header.last) - eip + 1 - length);
    return this.#remember(block, linear);
  }

  #mark(block: Block, host: number, length: number): void {
    const { memory } = this.#core;
    const frame = (host - memory.ramBase) >>> 12;
    const blocks = this.#byFrame.get(frame) ?? new Set();
    this.#byFrame.set(frame, blocks);
    blocks.add(block);
    const word = memory.codeMap + frame * 4;
    if (memory.word(word) === 0) protectFrame(this.#core, host & -FRAME_SIZE);
    memory.setWord(word, memory.word(word) | granules(host, length));
  }

  /** Looks for the target of a direct branch and, within the page and segment where that is safe, links it. */
  linkBranch(address: number, field: number): void {
    const { memory, state } = this.#core;
    const blockMode = state.get(at.mode);
    const from = memory.word(address + record.eip);
    const eip = state.get(at.eip);
    const base = this.#core.segment(CS, segment.base);
    const samePage = ((from + base) ^ (eip + base)) >>> 12 === 0;
    if (!samePage || this.#core.breakpoints.divides(eip + base) || (blockMode & mode.pagedCS) === 0) {
      memory.setWord(address + field, link.dispatch);
      return;
    }
    // The page that runs is in the TLB, or was until it was flushed; then the next time is early enough.
    const host = locateCode(this.#core, (eip + base) | 0);
    const block = host === undefined ? undefined : this.#find(host, eip, blockMode);
    if (block === undefined || block.secondHost !== 0) return;
    memory.setWord(address + field, block.address);
    block.incoming.push(address + field);
  }

  /** A copy of a block's first `count` instructions that leaves after them; valid until the next call. */
  shorten(block: number, count: number): number {
    this.#decoder.shorten(block, count, this.#tail);
    return this.#tail;
  }

  endAfter(linear: number): void {
    const core = this.#core;
    const entry = entryAddress(tlbIndex(core), linear);
    // The page that runs is in the TLB, unless it was flushed meanwhile; then the next time is early enough.
    if (core.memory.word(entry + tlb.execute) !== (linear & -FRAME_SIZE)) return;
    const host = (linear + core.memory.word(entry + tlb.addend)) >>> 0;
    this.#decoder.ends.add(host);
    this.invalidate(host, 1);
  }

  invalidate(host: number, length: number): boolean {
    const { memory, record: running } = this.#core;
    const frame = (host - memory.ramBase) >>> 12;
    const touched = memory.word(memory.codeMap + frame * 4) & granules(host, length);
    if (touched === 0) return false;
    let stopsRunning = false;
    for (const block of this.#byFrame.get(frame) ?? []) {
      if (!overlaps(block, memory.word(block.address + header.last), host, length)) continue;
      const end = block.address + HEADER_SIZE + memory.word(block.address + header.count) * RECORD_SIZE;
      stopsRunning ||= running >= block.address && running < end;
      this.#drop(block);
    }
    this.#rebuildMap(frame);
    return stopsRunning || this.#isTemporary(running);
  }

  #isTemporary(running: number): boolean {
    return running !== 0 && running < this.#tail + BLOCK_BYTES;
  }

  #drop(block: Block): void {
    const { memory } = this.#core;
    for (const field of block.incoming) if (memory.word(field) === block.address) memory.setWord(field, link.unknown);
    const entry = jumpIndex(block.eip);
    // No code is at host address 0, so the entry answers nothing any more.
    if (memory.word(entry + jump.block) === block.address) memory.setWord(entry + jump.host, 0);
    this.#unchain(block);
    for (const host of [block.host, block.secondHost]) this.#byFrame.get((host - memory.ramBase) >>> 12)?.delete(block);
  }

  #unchain(block: Block): void {
    const first = this.#byHost.get(block.host);
    if (first === block) {
      if (block.sibling === undefined) this.#byHost.delete(block.host);
      else this.#byHost.set(block.host, block.sibling);
      return;
    }
    let before = first;
    while (before !== undefined && before.sibling !== block) before = before.sibling;
    if (before !== undefined) before.sibling = block.sibling;
  }

  #rebuildMap(frame: number): void {
    const { memory } = this.#core;
    let map = 0;
    const start = memory.ramBase + frame * FRAME_SIZE;
    for (const block of this.#byFrame.get(frame) ?? []) {
      const inFirst = block.host >= start && block.host < start + FRAME_SIZE;
      const rest = memory.word(block.address + header.last) - block.eip + 1 - block.length;
      map |= inFirst ? granules(block.host, block.length) : granules(block.secondHost, rest);
    }
    memory.setWord(memory.codeMap + frame * 4, map);
  }

  /** Forgets all decoded code; not while a block runs. */
  clear(): void {
    const { memory } = this.#core;
    this.#byHost.clear();
    this.#byFrame.clear();
    this.#decoder.clear();
    this.#free = this.#tail + BLOCK_BYTES;
    memory.bytes.fill(0, MachineMemory.jumpCache, MachineMemory.jumpCache + JUMP_ENTRIES * JUMP_ENTRY_SIZE);
    memory.bytes.fill(0, memory.codeMap, memory.records);
  }
}

/** Bits of the code map for bytes of one frame; what lies beyond its end is left out. */
function granules(host: number, length: number): number {
  const first = (host & (FRAME_SIZE - 1)) >>> GRANULE_SHIFT;
  const last = Math.min((host & (FRAME_SIZE - 1)) + length - 1, FRAME_SIZE - 1) >>> GRANULE_SHIFT;
  return (-1 << first) & (-1 >>> (31 - last));
}

function overlaps(block: Block, last: number, host: number, length: number): boolean {
  if (host < block.host + block.length && host + length > block.host) return true;
  const rest = last - block.eip + 1 - block.length;
  return block.secondHost !== 0 && host < block.secondHost + rest && host + length > block.secondHost;
}
