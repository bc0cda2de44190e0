import { at } from "./layout.ts";

/** Decoded code is kept in this much memory; when it is full, all of it is dropped. */
const RECORD_BYTES = 16 << 20;
const WASM_PAGE = 65536;
export const FRAME_SIZE = 4096;

/** Entries of one TLB, and bytes of an entry: read tag, write tag, execute tag, host address minus linear address. */
export const TLB_ENTRIES = 4096;
export const TLB_ENTRY_SIZE = 16;
export const TLB_BYTES: number = TLB_ENTRIES * TLB_ENTRY_SIZE;
/**
 * Ring 0; rings 1 and 2; ring 3; ring 3 with alignment checks. The second one has permissions of ring 0 and segment limits of its
 * own, the last one finds code but no data.
 */
export const TLB_COUNT = 4;
export const tlb = { read: 0, write: 4, execute: 8, addend: 12 } as const;

/** Jump cache: from EIP to a decoded block. Entries are EIP, host address of the code, mode, block. */
export const JUMP_ENTRIES = 16384;
export const JUMP_ENTRY_SIZE = 16;
export const jump = { eip: 0, host: 4, mode: 8, block: 12 } as const;

/**
 * The one WebAssembly.Memory of a machine:
 *
 *     0x00000  nothing: a null pointer reads zeros
 *     0x01000  CPU state (layout.ts)
 *     0x10000  TLBs
 *     0x50000  jump cache
 *     0x90000  code map: for each RAM frame 32 bits, one for each 128 bytes that decoded code came from
 *     .        records of decoded code
 *     ramBase  guest RAM, on a 64 KB boundary
 */
export class MachineMemory {
  readonly memory: WebAssembly.Memory;
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly view: DataView;
  readonly ramSize: number;
  readonly ramBase: number;
  readonly codeMap: number;
  readonly records: number;
  readonly recordsEnd: number;

  static readonly cpuBase: number = 0x1000;
  static readonly tlbBase: number = 0x10000;
  static readonly jumpCache: number = 0x50000;

  /** `ramSize` in bytes, a multiple of 4096; RangeError when the host cannot give that much. */
  constructor(ramSize: number) {
    if (ramSize <= 0 || ramSize % FRAME_SIZE !== 0) throw new RangeError(`RAM size ${ramSize} is not a multiple of 4096`);
    this.ramSize = ramSize;
    this.codeMap = 0x90000;
    this.records = this.codeMap + (ramSize / FRAME_SIZE) * 4;
    this.recordsEnd = this.records + RECORD_BYTES;
    this.ramBase = Math.ceil(this.recordsEnd / WASM_PAGE) * WASM_PAGE;
    // One page more than RAM, so that a decoder that looks ahead stays inside.
    const pages = Math.ceil((this.ramBase + ramSize) / WASM_PAGE) + 1;
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.bytes = new Uint8Array(this.memory.buffer);
    this.words = new Int32Array(this.memory.buffer);
    this.view = new DataView(this.memory.buffer);
  }

  /** The wasm pages of the memory, which modules import. */
  get pages(): number {
    return this.memory.buffer.byteLength / WASM_PAGE;
  }

  /** Guest RAM. */
  get ram(): Uint8Array {
    return this.bytes.subarray(this.ramBase, this.ramBase + this.ramSize);
  }

  /** A 32-bit word at a host address that is a multiple of 4. */
  word(address: number): number {
    return this.words[address >>> 2] ?? 0;
  }

  setWord(address: number, value: number): void {
    this.words[address >>> 2] = value;
  }

  /** 1, 2 or 4 bytes at any host address, zero-extended (4 bytes: as a signed number). */
  read(address: number, size: number): number {
    if (size === 4) return this.view.getInt32(address, true);
    return size === 2 ? this.view.getUint16(address, true) : (this.bytes[address] ?? 0);
  }

  write(address: number, size: number, value: number): void {
    if (size === 4) this.view.setInt32(address, value, true);
    else if (size === 2) this.view.setUint16(address, value, true);
    else this.bytes[address] = value;
  }
}

/** One CPU's state block as numbers: signed 32-bit words by offset of `layout.ts`. */
export class StateBlock {
  readonly base: number;
  readonly words: Int32Array;
  readonly view: DataView;

  constructor(memory: MachineMemory, base: number) {
    this.base = base;
    this.words = new Int32Array(memory.memory.buffer, base, at.end / 4);
    this.view = new DataView(memory.memory.buffer, base, at.end);
  }

  get(offset: number): number {
    return this.words[offset >> 2] ?? 0;
  }

  set(offset: number, value: number): void {
    this.words[offset >> 2] = value;
  }

  long(offset: number): bigint {
    return this.view.getBigInt64(offset, true);
  }

  setLong(offset: number, value: bigint): void {
    this.view.setBigInt64(offset, value, true);
  }

  /** General register `number` of 1, 2 or 4 bytes, zero-extended (4 bytes: signed). */
  register(number: number, size: number): number {
    if (size === 4) return this.get(at.registers + number * 4);
    if (size === 2) return this.view.getUint16(at.registers + number * 4, true);
    return this.view.getUint8(byteRegister(number));
  }

  setRegister(number: number, size: number, value: number): void {
    if (size === 4) this.set(at.registers + number * 4, value);
    else if (size === 2) this.view.setUint16(at.registers + number * 4, value, true);
    else this.view.setUint8(byteRegister(number), value);
  }
}

/** AL CL DL BL, then AH CH DH BH: the second bytes of the same registers (SDM 2A table 2-2). */
export function byteRegister(number: number): number {
  return at.registers + (number & 3) * 4 + (number >> 2);
}
