/** Bytes that are written one value after another, little-endian. */
export class ByteWriter {
  private bytes = new Uint8Array(1024);
  private view = new DataView(this.bytes.buffer);
  length = 0;

  u8(value: number): void {
    this.grow(1);
    this.view.setUint8(this.length, value);
    this.length += 1;
  }

  u16(value: number): void {
    this.grow(2);
    this.view.setUint16(this.length, value, true);
    this.length += 2;
  }

  u32(value: number): void {
    this.grow(4);
    this.view.setUint32(this.length, value, true);
    this.length += 4;
  }

  /** Unsigned LEB128 (DWARF 2 section 7.6). */
  uleb(value: number): void {
    let rest = value;
    do {
      const low = rest & 0x7f;
      rest >>>= 7;
      this.u8(rest === 0 ? low : low | 0x80);
    } while (rest !== 0);
  }

  /** Signed LEB128 (DWARF 2 section 7.6). */
  sleb(value: number): void {
    let rest = value;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
      this.u8(done ? low : low | 0x80);
      if (done) return;
    }
  }

  /** UTF-8, NUL-terminated. */
  text(value: string): void {
    this.raw(new TextEncoder().encode(value));
    this.u8(0);
  }

  raw(bytes: Uint8Array): void {
    this.grow(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Zeros up to `length`. */
  padTo(length: number): void {
    this.grow(length - this.length);
    this.length = Math.max(this.length, length);
  }

  patch32(offset: number, value: number): void {
    this.view.setUint32(offset, value, true);
  }

  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  private grow(by: number): void {
    if (this.length + by <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + by));
    larger.set(this.bytes);
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
}
