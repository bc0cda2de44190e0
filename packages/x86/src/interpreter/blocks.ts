import { decode, MAXIMUM_LENGTH, type Decoded } from "@mercury/isa";
import type { CodeCache, Core } from "../cpu/core.ts";
import { raiseGeneral } from "../cpu/exceptions.ts";
import { executions } from "../cpu/semantics/table.ts";
import { locateCode } from "../mmu/access.ts";
import { protectFrame } from "../mmu/tlb.ts";
import { at, CS, mode, segment } from "../state/layout.ts";
import { FRAME_SIZE, JUMP_ENTRIES, JUMP_ENTRY_SIZE, jump, MachineMemory } from "../state/memory.ts";
import type { Interpreter } from "./generate.ts";
import { Predecoder } from "./predecode.ts";
import { header, HEADER_SIZE, link, record, RECORD_SIZE } from "./record.ts";

/** Longest block: bounds what an invalidation throws away and what a tail copies. */
const MAXIMUM_INSTRUCTIONS = 32;
const BLOCK_BYTES: number = HEADER_SIZE + (MAXIMUM_INSTRUCTIONS + 1) * RECORD_SIZE;
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

/** What `decodeBlock` found out besides the records. */
interface Extent {
  /** Code bytes from the start; of a crossing instruction those in the first page. */
  length: number;
  secondHost: number;
  /** May be found again by its host address. */
  keep: boolean;
}

const jumpIndex = (eip: number): number => ((eip ^ (eip >>> 12)) & (JUMP_ENTRIES - 1)) * JUMP_ENTRY_SIZE + MachineMemory.jumpCache;

/** Decoded code of one CPU: found by host address, EIP and mode; dropped when its bytes change. */
export class BlockCache implements CodeCache {
  readonly #core: Core;
  readonly #interpreter: Interpreter;
  readonly #predecoder: Predecoder;
  readonly #byHost: Map<number, Block> = new Map();
  readonly #byFrame: Map<number, Set<Block>> = new Map();
  /** Instructions that the host does, by record number. */
  readonly #hosted: Map<number, Decoded> = new Map();
  readonly #extent: Extent = { length: 0, secondHost: 0, keep: true };
  /** A block for one use, and the shortened copy that `shorten` makes. */
  readonly #temporary: number;
  readonly #tail: number;
  #free: number;

  constructor(core: Core, interpreter: Interpreter) {
    this.#core = core;
    this.#interpreter = interpreter;
    this.#predecoder = new Predecoder(core, interpreter);
    this.#temporary = core.memory.records;
    this.#tail = this.#temporary + BLOCK_BYTES;
    this.#free = this.#tail + BLOCK_BYTES;
  }

  /** The instruction that the host does for a record; not every record has one. */
  hosted(address: number): Decoded | undefined {
    return this.#hosted.get(address);
  }

  /** The block at the state's EIP, decoded if need be; raises what fetching raises. */
  translate(): number {
    const core = this.#core;
    const { state } = core;
    const eip = state.get(at.eip);
    const limit = core.segment(CS, segment.high);
    if (eip >>> 0 > limit >>> 0) raiseGeneral(core, 0);
    const linear = (eip + core.segment(CS, segment.base)) | 0;
    const host = locateCode(core, linear);
    const blockMode = state.get(at.mode);
    if (host === undefined) return this.#decodeOutside(linear, eip, blockMode);
    const known = this.#find(host, eip, blockMode);
    if (known !== undefined && this.#usable(known, linear, limit)) return this.#remember(known);
    return this.#decode(host, linear, eip, blockMode);
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

  /** Lets generated code find the block; what crosses a page is checked anew each time. */
  #remember(block: Block): number {
    if (block.secondHost !== 0) return block.address;
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
    const size = this.#decodeBlock(address, host, linear, eip, blockMode);
    const { length, secondHost, keep } = this.#extent;
    // A limit that is lower than it was when these bytes were decoded first: rare, and not worth remembering.
    if (!keep || this.#find(host, eip, blockMode) !== undefined) return address;
    this.#free += size;
    const block: Block = { address, eip, mode: blockMode, host, length, secondHost, incoming: [], sibling: this.#byHost.get(host) };
    this.#byHost.set(host, block);
    this.#mark(block, host, length);
    if (secondHost !== 0) this.#mark(block, secondHost, this.#core.memory.word(address + header.last) - eip + 1 - length);
    return this.#remember(block);
  }

  /** Writes a block's records; gives their size in bytes. Raises only what its first instruction raises. */
  #decodeBlock(address: number, host: number, linear: number, eip: number, blockMode: number): number {
    const core = this.#core;
    const { memory } = core;
    const bits = (blockMode & mode.code32) !== 0 ? 32 : 16;
    const pageEnd = ((host | (FRAME_SIZE - 1)) >>> 0) + 1;
    const limit = core.segment(CS, segment.high) >>> 0;
    let count = 0;
    let offset = 0;
    let ended = false;
    this.#extent.secondHost = 0;
    this.#extent.keep = true;
    while (!ended && count < MAXIMUM_INSTRUCTIONS) {
      const decoded = decode(memory.bytes, host + offset, bits);
      const place = (eip + offset) | 0;
      // What stands behind the page is not what follows in linear memory, so no judgement may rest on it.
      const longest = decoded.ok ? decoded.length : MAXIMUM_LENGTH + 1;
      const crosses = host + offset + longest > pageEnd;
      if (count > 0 && (crosses || (place >>> 0) + decoded.length - 1 > limit)) break;
      if (crosses) return this.#decodeCrossing(address, linear, pageEnd - host, eip, blockMode);
      this.#checkFetchLimit(place, decoded);
      ended = this.#emit(address + HEADER_SIZE + count * RECORD_SIZE, decoded, place, blockMode);
      offset += decoded.length;
      count++;
    }
    this.#extent.length = offset;
    return this.#finish(address, eip, offset, count, ended, blockMode);
  }

  #checkFetchLimit(eip: number, decoded: Decoded): void {
    if ((eip >>> 0) + decoded.length - 1 > this.#core.segment(CS, segment.high) >>> 0) raiseGeneral(this.#core, 0);
  }

  /** One instruction that may cross into the next page, of which `inPage` bytes are left in this one. */
  #decodeCrossing(address: number, linear: number, inPage: number, eip: number, blockMode: number): number {
    const size = this.#decodeBytes(address, linear, eip, blockMode);
    const length = this.#core.memory.word(address + header.last) - eip + 1;
    this.#extent.length = Math.min(length, inPage);
    if (length <= inPage) return size;
    const secondHost = locateCode(this.#core, (linear + inPage) | 0);
    this.#extent.secondHost = secondHost ?? 0;
    this.#extent.keep = secondHost !== undefined;
    return size;
  }

  /** Code outside RAM is read through the bus each time it runs. */
  #decodeOutside(linear: number, eip: number, blockMode: number): number {
    this.#decodeBytes(this.#temporary, linear, eip, blockMode);
    return this.#temporary;
  }

  #decodeBytes(address: number, linear: number, eip: number, blockMode: number): number {
    const bytes = new Uint8Array(MAXIMUM_LENGTH + 1);
    const bits = (blockMode & mode.code32) !== 0 ? 32 : 16;
    let decoded: Decoded = { ok: false, reason: "truncated", length: 0 };
    // Bytes behind the instruction may lie where fetching faults, so they are taken one by one.
    for (let count = 1; count <= bytes.length; count++) {
      bytes[count - 1] = this.#codeByte((linear + count - 1) | 0);
      decoded = decode(bytes.subarray(0, count), 0, bits);
      if (decoded.ok || decoded.reason !== "truncated") break;
    }
    this.#checkFetchLimit(eip, decoded);
    const ended = this.#emit(address + HEADER_SIZE, decoded, eip, blockMode);
    return this.#finish(address, eip, decoded.length, 1, ended, blockMode);
  }

  #codeByte(linear: number): number {
    const core = this.#core;
    const host = locateCode(core, linear);
    if (host !== undefined) return core.memory.bytes[host] ?? 0;
    return core.bus.readMemory(linear >>> 0, 1);
  }

  /** Fills a record; whether the block ends with it. */
  #emit(address: number, decoded: Decoded, eip: number, blockMode: number): boolean {
    this.#hosted.delete(address);
    if (!decoded.ok) return this.#emitHosted(address, decoded, eip, blockMode);
    const execution = executions[decoded.row.id];
    const paragraphs = (blockMode & mode.segmentsAreParagraphs) !== 0;
    if (execution === undefined || execution.by === "undefined" || (paragraphs && decoded.row.protectedOnly))
      return this.#emitHosted(address, { ok: false, reason: "undefined", length: decoded.length }, eip, blockMode);
    const handler = this.#predecoder.fill(address, decoded, eip, blockMode);
    // Instructions whose code may ask the host for the rest are kept as well: all that heed IOPL.
    if (execution.by !== "code" || decoded.row.vm86Iopl) this.#hosted.set(address, decoded);
    return handler.ends;
  }

  #emitHosted(address: number, decoded: Decoded, eip: number, blockMode: number): boolean {
    this.#predecoder.fillBare(address, this.#interpreter.common.system, eip, decoded.length, blockMode);
    this.#hosted.set(address, decoded);
    return true;
  }

  /** Header and counts; a block that no branch ends gets a record that goes on. */
  #finish(address: number, eip: number, length: number, count: number, ended: boolean, blockMode: number): number {
    const { memory } = this.#core;
    memory.setWord(address + header.count, count);
    memory.setWord(address + header.eip, eip);
    memory.setWord(address + header.last, (eip + length - 1) | 0);
    for (let index = 0; index < count; index++) setRemaining(memory, address + HEADER_SIZE + index * RECORD_SIZE, count - index);
    const end = address + HEADER_SIZE + count * RECORD_SIZE;
    if (ended) return end - address;
    this.#predecoder.fillBare(end, this.#interpreter.common.continue, eip, length, blockMode);
    setRemaining(memory, end, 0);
    return end + RECORD_SIZE - address;
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
    if (!samePage || (blockMode & mode.pagedCS) === 0) {
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

  /**
   * A copy of a block's first `count` instructions that leaves after them: the last instructions of a budget.
   * Valid until the next call.
   */
  shorten(block: number, count: number): number {
    const { memory } = this.#core;
    const size = HEADER_SIZE + count * RECORD_SIZE;
    memory.bytes.copyWithin(this.#tail, block, block + size);
    memory.setWord(this.#tail + header.count, count);
    for (let index = 0; index < count; index++) {
      const offset = HEADER_SIZE + index * RECORD_SIZE;
      setRemaining(memory, this.#tail + offset, count - index);
      const hosted = this.#hosted.get(block + offset);
      if (hosted === undefined) this.#hosted.delete(this.#tail + offset);
      else this.#hosted.set(this.#tail + offset, hosted);
    }
    const next = memory.word(block + size + record.eip);
    this.#predecoder.fillBare(this.#tail + size, this.#interpreter.common.stop, next, 0, mode.code32);
    return this.#tail;
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
    this.#hosted.clear();
    this.#free = this.#tail + BLOCK_BYTES;
    memory.bytes.fill(0, MachineMemory.jumpCache, MachineMemory.jumpCache + JUMP_ENTRIES * JUMP_ENTRY_SIZE);
    memory.bytes.fill(0, memory.codeMap, memory.records);
  }
}

function setRemaining(memory: MachineMemory, address: number, count: number): void {
  memory.view.setUint16(address + record.remaining, count, true);
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
