import { keepsNoPointers } from "./deviations.ts";
import { image, type Outcome } from "./layout.ts";

/** Most significant byte first. */
export function hexBytes(bytes: Uint8Array, from: number, size: number): string {
  return Array.from(bytes.subarray(from, from + size), (byte) => byte.toString(16).padStart(2, "0"))
    .toReversed()
    .join("");
}

/** Of the stored image: FOP, FIP, FCS, FDP and FDS. */
const POINTER_BYTES = image.mxcsr - image.opcode;

const word = (bytes: Uint8Array, offset: number): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset, true);

/**
 * Differences in what a sequence has stored of the last x87 instruction and its operand (SDM 1 8.1.8), and in the rest of the first part
 * of FXSAVE's image. The mask of MXCSR's bits is the processor's own: the host has to have those of the one modelled (SDM 1 11.6.6).
 */
export function headerDifferences(ours: Outcome, host: Outcome): string[] {
  const lines: string[] = [];
  const check = (what: string, of: "pointers" | "header", from: number, size: number): void => {
    const a = hexBytes(ours[of], from, size);
    const b = hexBytes(host[of], from, size);
    if (a !== b) lines.push(`${what} ${a} (host ${b})`);
  };
  check("stored pointers", "pointers", 0, ours.pointers.length);
  check("image's control to tags", "header", 0, image.opcode);
  if (!keepsNoPointers(host)) check("image's pointers", "header", image.opcode, POINTER_BYTES);
  check("image's mxcsr", "header", image.mxcsr, 4);
  const mask = word(ours.header, image.mask);
  if ((word(host.header, image.mask) & mask) !== mask) check("image's mask", "header", image.mask, 4);
  return lines;
}
