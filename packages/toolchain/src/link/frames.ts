import { ByteWriter } from "./bytes.ts";
import type { Placed } from "./layout.ts";

/** Call frame instructions and register numbers (DWARF 2 sections 6.4.2 and 7.23; i386 supplement of the System V ABI, figure 2-14). */
const frame = {
  cieMark: 0xffff_ffff,
  version: 1,
  advance: 0x40,
  offset: 0x80,
  advance1: 0x02,
  advance2: 0x03,
  advance4: 0x04,
  defineCfa: 0x0c,
  defineCfaOffset: 0x0e,
  nop: 0x00,
  esp: 4,
  returnAddress: 8,
  /** Factor of offsets: the stack grows downwards in words. */
  dataAlignment: -4,
} as const;

/**
 * .debug_frame: how a debugger finds the caller of each function that tells its stack rows. The canonical frame address is ESP before the
 * call, so the return address lies 4 bytes below it, and the register that was pushed first 8 bytes.
 */
export function encodeFrames(units: readonly Placed[]): Uint8Array {
  const out = new ByteWriter();
  writeCommon(out);
  for (const placed of units) {
    if (placed.unit.stack !== undefined) writeFunction(out, placed);
  }
  return out.finish();
}

function writeCommon(out: ByteWriter): void {
  writeEntry(out, () => {
    out.u32(frame.cieMark);
    out.u8(frame.version);
    out.u8(0); // no augmentation
    out.uleb(1); // code alignment
    out.sleb(frame.dataAlignment);
    out.u8(frame.returnAddress);
    out.u8(frame.defineCfa);
    out.uleb(frame.esp);
    out.uleb(4);
    out.u8(frame.offset | frame.returnAddress);
    out.uleb(1);
  });
}

function writeFunction(out: ByteWriter, { unit, address }: Placed): void {
  const { rows = [], saved = [], savedAt = 0 } = unit.stack ?? {};
  writeEntry(out, () => {
    out.u32(0); // offset of the common entry
    out.u32(address);
    out.u32(unit.code.length);
    let at = 0;
    for (const { offset, depth } of rows) {
      writeAdvance(out, offset - at);
      at = offset;
      out.u8(frame.defineCfaOffset);
      out.uleb(depth + 4);
      if (offset !== savedAt) continue;
      saved.forEach((register, index) => {
        out.u8(frame.offset | register);
        out.uleb(index + 2);
      });
    }
  });
}

function writeAdvance(out: ByteWriter, distance: number): void {
  if (distance < 0x40) {
    out.u8(frame.advance | distance);
  } else if (distance < 0x100) {
    out.u8(frame.advance1);
    out.u8(distance);
  } else if (distance < 0x1_0000) {
    out.u8(frame.advance2);
    out.u16(distance);
  } else {
    out.u8(frame.advance4);
    out.u32(distance);
  }
}

/** Length, contents, and padding to whole words. */
function writeEntry(out: ByteWriter, write: () => void): void {
  const start = out.length;
  out.u32(0);
  write();
  while ((out.length - start) % 4 !== 0) out.u8(frame.nop);
  out.patch32(start, out.length - start - 4);
}
