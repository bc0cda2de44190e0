/** Where `flatKernel` puts its code. */
export const flatBase = 0x10_0020;

/** A multiboot 1 kernel without ELF: code that begins at `flatBase` behind a header with addresses (specification, 3.1.3). */
export function flatKernel(code: readonly number[]): Uint8Array {
  const start = flatBase - 32;
  const end = flatBase + code.length;
  const image = new Uint8Array(32 + code.length);
  new Int32Array(image.buffer, 0, 8).set([0x1bad_b002, 0x1_0000, -(0x1bad_b002 + 0x1_0000), start, start, end, end, flatBase]);
  image.set(code, 32);
  return image;
}
