import { MachineError } from "../errors.ts";

/** Fields of the ELF header and of a program header (System V ABI 4.1, chapters 4 and 5; i386 supplement). */
const identity = { magic: 0x464c_457f, class32: 1, littleEndian: 1 } as const;
const executable = 2;
const machine386 = 3;
const loadSegment = 1;
const headerSize = 52;
const programHeaderSize = 32;

interface Segment {
  readonly offset: number;
  readonly physical: number;
  readonly fileSize: number;
  readonly memorySize: number;
}

/** Whether a file begins as an ELF file does. */
export function isElf(file: Uint8Array): boolean {
  return file.length >= 4 && new DataView(file.buffer, file.byteOffset, 4).getUint32(0, true) === identity.magic;
}

function checkHeader(file: DataView): void {
  if (file.byteLength < headerSize) throw new MachineError("image", `the file has ${file.byteLength} bytes: too short for an ELF header`);
  if (file.getUint32(0, true) !== identity.magic) throw new MachineError("image", "offset 0: not an ELF file (magic 7f 45 4c 46 expected)");
  if (file.getUint8(4) !== identity.class32 || file.getUint8(5) !== identity.littleEndian)
    throw new MachineError("image", "offset 4: not a 32-bit little-endian ELF file");
  if (file.getUint16(16, true) !== executable) throw new MachineError("image", "offset 16: not an executable ELF file (type 2 expected)");
  if (file.getUint16(18, true) !== machine386) throw new MachineError("image", "offset 18: not for the Intel 80386 (machine 3 expected)");
}

function segmentAt(file: DataView, at: number): Segment | undefined {
  if (at + programHeaderSize > file.byteLength)
    throw new MachineError("image", `offset ${at}: program header cut off at the end of the file`);
  if (file.getUint32(at, true) !== loadSegment) return undefined;
  const [offset, physical, fileSize, memorySize] = [4, 12, 16, 20].map((field) => file.getUint32(at + field, true)) as [
    number,
    number,
    number,
    number,
  ]; // map keeps the length
  if (offset + fileSize > file.byteLength)
    throw new MachineError(
      "image",
      `offset ${at}: segment of ${fileSize} bytes at offset ${offset} reaches beyond the file's ${file.byteLength} bytes`,
    );
  if (memorySize < fileSize)
    throw new MachineError("image", `offset ${at}: segment has ${fileSize} bytes in the file but only ${memorySize} in memory`);
  return { offset, physical, fileSize, memorySize };
}

/**
 * Loads the segments of an ELF32 executable at their physical addresses. Returns the entry point and the end of the highest segment.
 */
export function loadElf(image: Uint8Array, ram: Uint8Array): { entry: number; end: number } {
  const file = new DataView(image.buffer, image.byteOffset, image.byteLength);
  checkHeader(file);
  const table = file.getUint32(28, true);
  const size = file.getUint16(42, true);
  const count = file.getUint16(44, true);
  if (size < programHeaderSize)
    throw new MachineError("image", `offset 42: program headers of ${size} bytes, ${programHeaderSize} expected`);
  let end = 0;
  for (let index = 0; index < count; index++) {
    const segment = segmentAt(file, table + index * size);
    if (segment === undefined) continue;
    const last = segment.physical + segment.memorySize;
    if (last > ram.length)
      throw new MachineError("image", `segment ${index} ends at 0x${last.toString(16)}, beyond the machine's ${ram.length / 0x10_0000} MB`);
    ram.fill(0, segment.physical, last);
    ram.set(image.subarray(segment.offset, segment.offset + segment.fileSize), segment.physical);
    end = Math.max(end, last);
  }
  if (end === 0) throw new MachineError("image", "the ELF file has no segment to load");
  return { entry: file.getUint32(24, true), end };
}
