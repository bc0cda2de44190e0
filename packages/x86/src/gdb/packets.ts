/** Bytes with a meaning of their own (GDB manual, appendix E.1 "Overview"). */
const mark = { start: 0x24, end: 0x23, escape: 0x7d, interrupt: 0x03, acknowledge: 0x2b, repeat: 0x2d } as const;
/** What an escaped byte has been combined with by exclusive or. */
const ESCAPED = 0x20;

/** What came over the line. */
export type Incoming =
  | { readonly kind: "packet"; readonly data: string }
  /** The checksum of a packet did not fit: it is to be sent again. */
  | { readonly kind: "damaged" }
  /** The other end asks for the last answer again. */
  | { readonly kind: "repeat" }
  /** Control-C. */
  | { readonly kind: "interrupt" };

/** A packet that is longer than any that was promised is noise. */
const longest = 1 << 20;

/** Cuts a stream of bytes into packets. Characters of `data` are bytes. */
export class PacketReader {
  #bytes: number[] | undefined;
  /** Digits of the checksum, once the data are complete. */
  #digits: string | undefined;

  feed(bytes: Uint8Array): Incoming[] {
    return [...bytes].map((byte) => this.#take(byte)).filter((incoming) => incoming !== undefined);
  }

  #take(byte: number): Incoming | undefined {
    if (this.#bytes === undefined) return this.#outside(byte);
    if (this.#digits !== undefined) return this.#checksum(this.#bytes, this.#digits + String.fromCharCode(byte));
    if (byte === mark.end) this.#digits = "";
    else if (byte === mark.start || this.#bytes.length > longest) this.#bytes = [];
    else this.#bytes.push(byte);
    return undefined;
  }

  #outside(byte: number): Incoming | undefined {
    if (byte === mark.start) this.#bytes = [];
    if (byte === mark.interrupt) return { kind: "interrupt" };
    return byte === mark.repeat ? { kind: "repeat" } : undefined;
  }

  #checksum(bytes: readonly number[], digits: string): Incoming | undefined {
    this.#digits = digits;
    if (digits.length < 2) return undefined;
    this.#bytes = undefined;
    this.#digits = undefined;
    const sum = bytes.reduce((total, byte) => (total + byte) & 0xff, 0);
    if (Number.parseInt(digits, 16) !== sum) return { kind: "damaged" };
    return { kind: "packet", data: unescape(bytes) };
  }
}

function unescape(bytes: readonly number[]): string {
  let data = "";
  let escaped = false;
  for (const byte of bytes) {
    if (byte === mark.escape && !escaped) {
      escaped = true;
      continue;
    }
    data += String.fromCharCode(escaped ? byte ^ ESCAPED : byte);
    escaped = false;
  }
  return data;
}

/** The bytes of a packet. */
export function packet(data: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of data) {
    const byte = character.charCodeAt(0);
    // `*` would begin a run length, which we never send.
    if (byte === mark.start || byte === mark.end || byte === mark.escape || byte === 0x2a) bytes.push(mark.escape, byte ^ ESCAPED);
    else bytes.push(byte);
  }
  const sum = bytes.reduce((total, byte) => (total + byte) & 0xff, 0);
  const checksum = sum.toString(16).padStart(2, "0");
  return Uint8Array.of(mark.start, ...bytes, mark.end, checksum.charCodeAt(0), checksum.charCodeAt(1));
}

export const acknowledgement: Uint8Array = Uint8Array.of(mark.acknowledge);
export const repeatPlease: Uint8Array = Uint8Array.of(mark.repeat);

/** Bytes as pairs of hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** The opposite; undefined when it is no such text. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, index) => Number.parseInt(text.slice(index * 2, index * 2 + 2), 16));
}
