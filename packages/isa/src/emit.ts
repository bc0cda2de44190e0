/** The bytes of the instruction being encoded. One buffer serves all calls: an instruction is at most 15 bytes long. */
const CAPACITY = 64;
const buffer = new Uint8Array(CAPACITY);
let used = 0;

export function reset(): void {
  used = 0;
}

/** Bytes so far. */
export function position(): number {
  return used;
}

/** Appends a byte; past the buffer it only counts, and the caller refuses the length. */
export function put8(value: number): void {
  buffer[used++] = value;
}

/** Appends 1, 2 or 4 bytes, least significant first. */
export function put(value: number, bytes: number): void {
  for (let shift = 0; shift < bytes * 8; shift += 8) put8(value >> shift);
}

/** A copy of the bytes. */
export function take(): Uint8Array {
  return buffer.slice(0, used);
}
