import { EXTENDED } from "./layout.ts";
import type { Random } from "./random.ts";

/** Single-precision numbers where something changes: zeros, denormals, ends of the ranges, infinities, quiet and signalling NaNs. */
const singles: readonly [number, ...number[]] = [
  0, 1, 0x007fffff, 0x00800000, 0x00800001, 0x00ffffff, 0x01000000, 0x33800000, 0x34000000, 0x3effffff, 0x3f000000, 0x3f7fffff, 0x3f800000,
  0x3f800001, 0x3fc00000, 0x40000000, 0x40400000, 0x4b000000, 0x4b7fffff, 0x4effffff, 0x4f000000, 0x4f000001, 0x5f000000, 0x7effffff,
  0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fbfffff, 0x7fc00000, 0x7fc00001, 0x7fffffff,
];

/** The upper halves of double-precision numbers of the same kinds; the lower are chosen apart. */
const doubles: readonly [number, ...number[]] = [
  0, 1, 0x000fffff, 0x00100000, 0x00200000, 0x36900000, 0x36a00000, 0x37f00000, 0x380fffff, 0x38100000, 0x3c900000, 0x3ca00000, 0x3fdfffff,
  0x3fe00000, 0x3fefffff, 0x3ff00000, 0x3ff80000, 0x40000000, 0x40080000, 0x41dfffff, 0x41e00000, 0x41efffff, 0x43300000, 0x43e00000,
  0x47efffff, 0x47f00000, 0x7fdfffff, 0x7fe00000, 0x7fefffff, 0x7ff00000, 0x7ff40000, 0x7ff80000, 0x7fffffff,
];
const lowHalves: readonly [number, ...number[]] = [
  0, 0, 0, 1, 0x10000000, 0x20000000, 0xe0000000, 0xf0000000, 0xffc00000, 0xffe00000, -1, -2,
];

const sign = (random: Random): number => (random.chance(3) ? -0x80000000 : 0);

function putSingle(view: DataView, at: number, random: Random): void {
  const kind = random.below(8);
  if (kind < 4) view.setInt32(at, random.pick(singles) | sign(random), true);
  else if (kind < 6) view.setFloat32(at, (random.below(2000) - 1000) / (1 << random.below(8)), true);
  // Exponents around 1, so that sums and products round and do not vanish.
  else view.setInt32(at, (random.next() & 0x807fffff) | ((120 + random.below(16)) << 23), true);
}

function putDouble(view: DataView, at: number, random: Random): void {
  const kind = random.below(8);
  if (kind < 4) {
    view.setInt32(at + 4, random.pick(doubles) | sign(random), true);
    view.setInt32(at, random.chance(2) ? random.pick(lowHalves) : random.next(), true);
  } else if (kind < 6) view.setFloat64(at, (random.below(2000) - 1000) / (1 << random.below(8)), true);
  else {
    view.setInt32(at + 4, (random.next() & 0x800fffff) | ((1000 + random.below(50)) << 20), true);
    view.setInt32(at, random.next(), true);
  }
}

function putBytes(view: DataView, at: number, random: Random): void {
  for (let byte = 0; byte < 8; byte++) view.setUint8(at + byte, random.chance(3) ? random.pick([0, 0xff, 0x80, 0x7f]) : random.next());
}

/** Bytes in which every 8 are two singles, a double, or anything. */
export function vectorData(bytes: number, random: Random): Uint8Array {
  const view = new DataView(new ArrayBuffer(bytes));
  for (let at = 0; at < bytes; at += 8) {
    const kind = random.below(4);
    if (kind > 1) putBytes(view, at, random);
    else if (kind === 1) putDouble(view, at, random);
    else {
      putSingle(view, at, random);
      putSingle(view, at + 4, random);
    }
  }
  return new Uint8Array(view.buffer);
}

const MXCSR_DEFAULT = 0x1f80;

/** Flags that are set already, rounding, flushing and masks: the usual ones in half of the cases. */
function mxcsr(random: Random): number {
  const flags = random.chance(3) ? random.next() & 0x3f : random.chance(2) ? 0x20 : 0;
  if (random.chance(2)) return MXCSR_DEFAULT | flags;
  const control = random.next() & 0xe040;
  // An unmasked exception whose flag is set already raises nothing by itself.
  const masks = random.chance(4) ? random.next() & 0x1f80 : 0x1f80;
  return control | masks | flags;
}

/** An FXRSTOR image: x87 registers of any class anywhere on the stack, no x87 exception pending. */
export function extendedState(random: Random): Uint8Array {
  const image = new Uint8Array(EXTENDED);
  const view = new DataView(image.buffer);
  view.setUint16(0, 0x37f, true);
  view.setUint16(2, random.below(8) << 11, true);
  view.setUint8(4, random.next());
  view.setUint32(24, mxcsr(random), true);
  for (let number = 0; number < 8; number++) image.set(vectorData(16, random).subarray(0, 10), 32 + number * 16);
  image.set(vectorData(128, random), 160);
  return image;
}
