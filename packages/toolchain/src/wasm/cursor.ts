import { WasmError } from "./module.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads the wasm binary encoding: little-endian, integers in LEB128 (Core Specification 5.2.2). */
export class Cursor {
  readonly bytes: Uint8Array;
  offset: number;
  readonly end: number;

  constructor(bytes: Uint8Array, offset: number, end: number) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  get atEnd(): boolean {
    return this.offset >= this.end;
  }

  fail(message: string): never {
    throw new WasmError(message, this.offset);
  }

  byte(): number {
    const value = this.bytes[this.offset];
    if (value === undefined || this.offset >= this.end) this.fail("unexpected end");
    this.offset++;
    return value;
  }

  /** Unsigned LEB128 of at most 32 bits. */
  u32(): number {
    let result = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      result += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return result;
    }
    return this.fail("integer is longer than 32 bits");
  }

  /** Signed LEB128 of at most 64 bits. */
  signed(): bigint {
    let result = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(Number(shift) + 7, result);
    }
    return this.fail("integer is longer than 64 bits");
  }

  i32(): number {
    return Number(BigInt.asIntN(32, this.signed()));
  }

  i64(): bigint {
    return BigInt.asIntN(64, this.signed());
  }

  take(length: number): Uint8Array {
    if (this.offset + length > this.end) this.fail("unexpected end");
    const slice = this.bytes.subarray(this.offset, this.offset + length);
    this.offset += length;
    return slice;
  }

  name(): string {
    return utf8.decode(this.take(this.u32()));
  }

  /** A length-prefixed part, as its own cursor; this one moves behind it. */
  sized(): Cursor {
    const length = this.u32();
    const start = this.offset;
    this.take(length);
    return new Cursor(this.bytes, start, start + length);
  }

  /** A vector: count, then that many items. */
  vector<T>(item: (index: number) => T): T[] {
    const count = this.u32();
    const items: T[] = [];
    for (let index = 0; index < count; index++) items.push(item(index));
    return items;
  }
}
