/** Bytes that are taken at once. */
const stride = 8;

/**
 * The remainder of each byte by the reflected polynomial of CRC-32 (ISO 3309, as in gzip: RFC 1952 section 8): at 256 * n + byte, of the byte with
 * n zeros behind it.
 */
const remainders: Int32Array = ((): Int32Array => {
  const table = new Int32Array(256 * stride);
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder & 1) !== 0 ? (remainder >>> 1) ^ 0xedb8_8320 : remainder >>> 1;
    table[byte] = remainder;
  }
  for (let index = 256; index < table.length; index++) {
    const shorter = table[index - 256] ?? 0;
    table[index] = (shorter >>> 8) ^ (table[shorter & 0xff] ?? 0);
  }
  return table;
})();

/** A byte's remainder with `zeros` bytes behind it. */
const remainder = (zeros: number, byte: number): number => remainders[256 * zeros + (byte & 0xff)] ?? 0;

/** CRC-32 of bytes; with `before`, of those whose CRC-32 that is and these behind them. */
export function crc32(bytes: Uint8Array, before = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let crc = ~before;
  let index = 0;
  for (; index + stride <= bytes.length; index += stride) {
    const low = crc ^ view.getInt32(index, true);
    const high = view.getInt32(index + 4, true);
    crc =
      remainder(7, low) ^
      remainder(6, low >>> 8) ^
      remainder(5, low >>> 16) ^
      remainder(4, low >>> 24) ^
      remainder(3, high) ^
      remainder(2, high >>> 8) ^
      remainder(1, high >>> 16) ^
      remainder(0, high >>> 24);
  }
  for (; index < bytes.length; index++) crc = (crc >>> 8) ^ remainder(0, crc ^ (bytes[index] ?? 0));
  return ~crc >>> 0;
}
