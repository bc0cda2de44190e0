/** Collects the little-endian fields of a firmware table. */
export class TableWriter {
  readonly #bytes: number[] = [];

  get length(): number {
    return this.#bytes.length;
  }

  byte(...values: readonly number[]): this {
    for (const value of values) this.#bytes.push(value & 0xff);
    return this;
  }

  word(value: number): this {
    return this.byte(value, value >>> 8);
  }

  dword(value: number): this {
    return this.word(value).word(value >>> 16);
  }

  /** 64 bits of a number below 2^32. */
  qword(value: number): this {
    return this.dword(value).dword(0);
  }

  /** Characters, with blanks up to `length`. */
  text(characters: string, length: number): this {
    for (let index = 0; index < length; index++) this.byte(index < characters.length ? characters.charCodeAt(index) : 0x20);
    return this;
  }

  bytes(values: Iterable<number>): this {
    for (const value of values) this.byte(value);
    return this;
  }

  /** The table, with the byte at `checksum` such that all bytes add up to 0. */
  finish(checksum?: number): Uint8Array {
    const table = Uint8Array.from(this.#bytes);
    if (checksum === undefined) return table;
    table[checksum] = 0;
    table[checksum] = -table.reduce((sum, value) => sum + value, 0);
    return table;
  }
}

/** Bytes for a physical address. */
export interface PlacedTable {
  readonly address: number;
  readonly bytes: Uint8Array;
}
