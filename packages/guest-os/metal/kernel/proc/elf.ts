import { ENOEXEC, ENOMEM, PAGE_SIZE, USER_END } from "@mercury/abi/metal";
import { AREA_EXECUTE, AREA_READ, AREA_WRITE, insertArea, pageDown, pageUp, rangeFree } from "../mm/area";
import { Inode } from "../fs/inode";
import { Space, areasOf } from "../mm/space";

/** Static ELF32 programs (System V ABI, chapters 4 and 5): the header and the segments to map. */

// @ts-ignore: decorator
@unmanaged export class ElfHeader {
  magic: u32;
  /** class, data, version, OS ABI */
  identity: u32;
  padding: u64;
  type: u16;
  machine: u16;
  version: u32;
  entry: u32;
  programHeaders: u32;
  sectionHeaders: u32;
  flags: u32;
  headerSize: u16;
  programHeaderSize: u16;
  programHeaderCount: u16;
}

// @ts-ignore: decorator
@unmanaged export class ProgramHeader {
  type: u32;
  offset: u32;
  address: u32;
  physical: u32;
  fileSize: u32;
  memorySize: u32;
  flags: u32;
  alignment: u32;
}

export const PROGRAM_HEADER_SIZE: u32 = 32;
/** Program headers that a program may have: they are read in one piece. */
export const PROGRAM_HEADERS_MAXIMUM: u32 = 64;

const ELF_MAGIC: u32 = 0x464c_457f;
/** 32 bits, little endian, version 1 */
const ELF_IDENTITY: u32 = 0x0001_0101;
const IDENTITY_MASK: u32 = 0x00ff_ffff;
const ET_EXEC: u16 = 2;
const EM_386: u16 = 3;
const PT_LOAD: u32 = 1;
const PT_INTERP: u32 = 3;
const PF_EXECUTE: u32 = 1;
const PF_WRITE: u32 = 2;
const PF_READ: u32 = 4;
/** Lowest address of a segment: page 0 is never mapped. */
const LOWEST: u32 = 0x1000;

/** Whether the header is of a program that this kernel can run, as far as the header tells. */
export function isProgram(header: ElfHeader): bool {
  return header.magic == ELF_MAGIC && (header.identity & IDENTITY_MASK) == ELF_IDENTITY && header.type == ET_EXEC && header.machine == EM_386
    && <u32>header.programHeaderSize == PROGRAM_HEADER_SIZE
    && header.programHeaderCount > 0 && <u32>header.programHeaderCount <= PROGRAM_HEADERS_MAXIMUM;
}

/** Maps every loadable segment of `file` into an empty space and sets its break: 0, -ENOEXEC or -ENOMEM. */
export function mapProgram(space: Space, file: Inode, headers: usize, count: u32): i32 {
  let end: usize = 0;
  for (let index: u32 = 0; index < count; index++) {
    const header = changetype<ProgramHeader>(headers + index * PROGRAM_HEADER_SIZE);
    if (header.type == PT_INTERP) return -ENOEXEC;
    if (header.type != PT_LOAD || header.memorySize == 0) continue;
    const error = mapSegment(space, file, header);
    if (error != 0) return error;
    end = max<usize>(end, <usize>header.address + header.memorySize);
  }
  if (end == 0) return -ENOEXEC;
  space.breakStart = space.breakEnd = pageUp(end);
  return 0;
}

function mapSegment(space: Space, file: Inode, header: ProgramHeader): i32 {
  if (!isSound(header)) return -ENOEXEC;
  const areas = areasOf(space);
  const rights = rightsOf(header.flags);
  const start = pageDown(header.address);
  const fileEnd = <usize>header.address + header.fileSize;
  const middle = header.fileSize == 0 ? start : pageUp(fileEnd);
  const end = pageUp(<usize>header.address + header.memorySize);
  if (!rangeFree(areas, start, end)) return -ENOEXEC;
  const offset = <u32>pageDown(header.offset);
  if (middle > start && insertArea(areas, start, middle, rights, file, offset, header.offset + header.fileSize) === null) return -ENOMEM;
  if (end > middle && insertArea(areas, middle, end, rights, null, 0, 0) === null) return -ENOMEM;
  return 0;
}

function isSound(header: ProgramHeader): bool {
  const limit = <u32>USER_END;
  if (header.address < LOWEST || header.address >= limit || header.memorySize > limit - header.address) return false;
  if (header.fileSize > header.memorySize || header.offset > 0x7fff_ffff || header.fileSize > 0x7fff_ffff - header.offset) return false;
  return ((header.address ^ header.offset) & (<u32>PAGE_SIZE - 1)) == 0;
}

function rightsOf(flags: u32): u32 {
  return ((flags & PF_READ) != 0 ? AREA_READ : 0) | ((flags & PF_WRITE) != 0 ? AREA_WRITE : 0) | ((flags & PF_EXECUTE) != 0 ? AREA_EXECUTE : 0);
}

/** Where the program headers lie in memory (AT_PHDR), or 0 when no segment has them. */
export function headersInMemory(offset: u32, headers: usize, count: u32): u32 {
  for (let index: u32 = 0; index < count; index++) {
    const header = changetype<ProgramHeader>(headers + index * PROGRAM_HEADER_SIZE);
    if (header.type != PT_LOAD || offset < header.offset || offset - header.offset >= header.fileSize) continue;
    return header.address + (offset - header.offset);
  }
  return 0;
}
