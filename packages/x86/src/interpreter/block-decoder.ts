import { decode, isX87, MAXIMUM_LENGTH, type Decoded } from "@mercury/isa";
import type { Core } from "../cpu/core.ts";
import { raiseGeneral } from "../cpu/exceptions.ts";
import { executions } from "../cpu/semantics/table.ts";
import { locateCode, readCodeByte } from "../mmu/access.ts";
import { CS, mode, segment } from "../state/layout.ts";
import { FRAME_SIZE, type MachineMemory } from "../state/memory.ts";
import type { Interpreter } from "./interpreter.ts";
import { Predecoder } from "./predecode.ts";
import { header, HEADER_SIZE, record, RECORD_SIZE } from "./record.ts";

/** Longest block: bounds what an invalidation throws away and what a tail copies. */
const MAXIMUM_INSTRUCTIONS = 32;
/** Room that a block may take. */
export const BLOCK_BYTES: number = HEADER_SIZE + (MAXIMUM_INSTRUCTIONS + 1) * RECORD_SIZE;

/** What decoding found out besides the records. */
export interface Extent {
  /** Code bytes from the start; of a crossing instruction those in the first page. */
  length: number;
  /** Host address of the second page's part, when the one instruction of the block crosses into another page; else 0. */
  secondHost: number;
  /** May be found again by its host address. */
  keep: boolean;
}

/** Turns bytes into the records of a block. */
export class BlockDecoder {
  readonly #core: Core;
  readonly #interpreter: Interpreter;
  readonly #predecoder: Predecoder;
  /** Instructions that the host does, by the address of their record. */
  readonly #hosted: Map<number, Decoded> = new Map();
  /** Host addresses of instructions with which a block ends, because they have met devices. */
  readonly ends: Set<number> = new Set();
  /** Of the block decoded last. */
  readonly extent: Extent = { length: 0, secondHost: 0, keep: true };

  constructor(core: Core, interpreter: Interpreter) {
    this.#core = core;
    this.#interpreter = interpreter;
    this.#predecoder = new Predecoder(core, interpreter);
  }

  /** The instruction that the host does for a record; not every record has one. */
  hosted(address: number): Decoded | undefined {
    return this.#hosted.get(address);
  }

  /** Forgets what the host does; all records have become invalid. */
  clear(): void {
    this.#hosted.clear();
    this.ends.clear();
  }

  /** Writes a block's records; gives their size in bytes. Raises only what its first instruction raises. */
  decode(address: number, host: number, linear: number, eip: number, blockMode: number): number {
    const core = this.#core;
    const { memory } = core;
    const bits = (blockMode & mode.code32) !== 0 ? 32 : 16;
    const pageEnd = ((host | (FRAME_SIZE - 1)) >>> 0) + 1;
    const limit = core.segment(CS, segment.high) >>> 0;
    let count = 0;
    let offset = 0;
    let ended = false;
    this.extent.secondHost = 0;
    this.extent.keep = true;
    while (!ended && count < MAXIMUM_INSTRUCTIONS) {
      const decoded = decode(memory.bytes, host + offset, bits);
      const place = (eip + offset) | 0;
      // What stands behind the page is not what follows in linear memory, so no judgement may rest on it.
      const longest = decoded.ok ? decoded.length : MAXIMUM_LENGTH + 1;
      const crosses = host + offset + longest > pageEnd;
      if (count > 0 && core.breakpoints.divides(linear + offset)) break;
      if (count > 0 && (crosses || (place >>> 0) + decoded.length - 1 > limit)) break;
      if (crosses) return this.#decodeCrossing(address, linear, pageEnd - host, eip, blockMode);
      this.#checkFetchLimit(place, decoded);
      ended = this.#emit(address + HEADER_SIZE + count * RECORD_SIZE, decoded, place, blockMode);
      offset += decoded.length;
      count++;
      if (this.ends.has(host + offset - decoded.length)) break;
    }
    this.extent.length = offset;
    return this.#finish(address, eip, offset, count, ended, blockMode);
  }

  #checkFetchLimit(eip: number, decoded: Decoded): void {
    if ((eip >>> 0) + decoded.length - 1 > this.#core.segment(CS, segment.high) >>> 0) raiseGeneral(this.#core, 0);
  }

  /** One instruction that may cross into the next page, of which `inPage` bytes are left in this one. */
  #decodeCrossing(address: number, linear: number, inPage: number, eip: number, blockMode: number): number {
    const size = this.#decodeBytes(address, linear, eip, blockMode);
    const length = this.#core.memory.word(address + header.last) - eip + 1;
    this.extent.length = Math.min(length, inPage);
    if (length <= inPage) return size;
    const secondHost = locateCode(this.#core, (linear + inPage) | 0);
    this.extent.secondHost = secondHost ?? 0;
    this.extent.keep = secondHost !== undefined;
    return size;
  }

  /** Code outside RAM is read through the bus each time it runs, one instruction at a time. */
  decodeOutside(address: number, linear: number, eip: number, blockMode: number): void {
    this.#decodeBytes(address, linear, eip, blockMode);
  }

  #decodeBytes(address: number, linear: number, eip: number, blockMode: number): number {
    const bytes = new Uint8Array(MAXIMUM_LENGTH + 1);
    const bits = (blockMode & mode.code32) !== 0 ? 32 : 16;
    let decoded: Decoded = { ok: false, reason: "truncated", length: 0 };
    // Bytes behind the instruction may lie where fetching faults, so they are taken one by one.
    for (let count = 1; count <= bytes.length; count++) {
      bytes[count - 1] = readCodeByte(this.#core, (linear + count - 1) | 0);
      decoded = decode(bytes.subarray(0, count), 0, bits);
      if (decoded.ok || decoded.reason !== "truncated") break;
    }
    this.#checkFetchLimit(eip, decoded);
    const ended = this.#emit(address + HEADER_SIZE, decoded, eip, blockMode);
    return this.#finish(address, eip, decoded.length, 1, ended, blockMode);
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
    // Instructions whose code may ask the host for the rest are kept as well: all that heed IOPL, and those of the x87 unit.
    if (execution.by !== "code" || decoded.row.vm86Iopl || isX87(decoded.row)) this.#hosted.set(address, decoded);
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

  /**
   * A copy of a block's first `count` instructions at `copy` that leaves after them: the last instructions of a budget.
   */
  shorten(block: number, count: number, copy: number): void {
    const { memory } = this.#core;
    const size = HEADER_SIZE + count * RECORD_SIZE;
    memory.bytes.copyWithin(copy, block, block + size);
    memory.setWord(copy + header.count, count);
    for (let index = 0; index < count; index++) {
      const offset = HEADER_SIZE + index * RECORD_SIZE;
      setRemaining(memory, copy + offset, count - index);
      const hosted = this.#hosted.get(block + offset);
      if (hosted === undefined) this.#hosted.delete(copy + offset);
      else this.#hosted.set(copy + offset, hosted);
    }
    const next = memory.word(block + size + record.eip);
    this.#predecoder.fillBare(copy + size, this.#interpreter.common.stop, next, 0, mode.code32);
  }
}

function setRemaining(memory: MachineMemory, address: number, count: number): void {
  memory.view.setUint16(address + record.remaining, count, true);
}
