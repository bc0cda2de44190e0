import { MachineError } from "../errors.ts";
import { loadElf } from "./elf.ts";
import type { ProtectedModeEntry } from "./entry.ts";
import { displayMemory, extendedMemory, lowMemoryEnd, type MemoryRange } from "./memory-map.ts";

/** A module that the loader puts beside the kernel, with the string the kernel finds in its record. */
export interface BootModule {
  readonly contents: Uint8Array;
  readonly name: string;
}

export interface MultibootRequest {
  /** The kernel's file: an ELF image, or any file whose header carries its own load addresses. */
  readonly image: Uint8Array;
  readonly commandLine: string;
  readonly modules: readonly BootModule[];
}

/** Section 3.1: the header lies in the first 8,192 bytes, aligned to 4. */
const headerMagic = 0x1bad_b002;
const searchLimit = 8192;
const bootMagic = 0x2bad_b002;
/** Bits of the header's flags: requirements are 0 to 15, and bit 16 says that addresses are given. */
const flag = { pageAlign: 1 << 0, memory: 1 << 1, video: 1 << 2, addresses: 1 << 16 } as const;
/** Where the boot information lies: low memory, behind a kernel that is loaded there. */
const usualInformation = 0x9000;
/** The specification leaves selectors open; these are those of the common loaders. */
const selectors = { code: 0x08, data: 0x10 } as const;
const pageSize = 0x1000;

interface Header {
  readonly offset: number;
  readonly flags: number;
}

function searchHeader(image: DataView): Header | undefined {
  const last = Math.min(image.byteLength, searchLimit) - 12;
  for (let offset = 0; offset <= last; offset += 4) {
    if (image.getUint32(offset, true) !== headerMagic) continue;
    const flags = image.getUint32(offset + 4, true);
    const sum = (headerMagic + flags + image.getUint32(offset + 8, true)) >>> 0;
    if (sum === 0) return { offset, flags };
  }
  return undefined;
}

/** Whether a file is a multiboot kernel. */
export function hasMultibootHeader(file: Uint8Array): boolean {
  return searchHeader(new DataView(file.buffer, file.byteOffset, file.byteLength)) !== undefined;
}

function findHeader(image: DataView): Header {
  const header = searchHeader(image);
  if (header !== undefined) return header;
  throw new MachineError("image", "not a multiboot kernel: no header (magic 1badb002 with a true checksum) in its first 8192 bytes");
}

/** Loads by the addresses in the header (3.1.3); returns the entry point. */
function loadByAddresses(image: DataView, header: Header, ram: Uint8Array): { entry: number; end: number } {
  if (header.offset + 32 > image.byteLength) throw new MachineError("image", `the multiboot header at offset ${header.offset} is cut off`);
  const word = (index: number): number => image.getUint32(header.offset + 4 * index, true);
  const [headerAddress, loadAddress, loadEnd, bssEnd, entry] = [word(3), word(4), word(5), word(6), word(7)];
  const start = header.offset - (headerAddress - loadAddress);
  const length = loadEnd === 0 ? image.byteLength - start : loadEnd - loadAddress;
  if (start < 0 || length < 0 || start + length > image.byteLength)
    throw new MachineError(
      "image",
      `the multiboot header at offset ${header.offset} asks for ${length} bytes from offset ${start}; the file has ${image.byteLength}`,
    );
  const end = Math.max(bssEnd, loadAddress + length);
  if (end > ram.length)
    throw new MachineError("image", `the kernel ends at ${hex(end)}, beyond the machine's ${ram.length / 0x10_0000} MB`);
  ram.fill(0, loadAddress, end);
  ram.set(new Uint8Array(image.buffer, image.byteOffset + start, length), loadAddress);
  return { entry, end };
}

/** Writes records one behind the other into guest RAM. */
class Writer {
  private readonly view: DataView;
  at: number;

  constructor(ram: Uint8Array, at: number) {
    this.view = new DataView(ram.buffer, ram.byteOffset, ram.length);
    this.at = at;
  }

  words(...values: number[]): number {
    const start = this.at;
    for (const value of values) {
      this.view.setUint32(this.at, value, true);
      this.at += 4;
    }
    return start;
  }

  text(text: string): number {
    const start = this.at;
    const bytes = new TextEncoder().encode(text);
    if (start + bytes.length + 1 > lowMemoryEnd)
      throw new MachineError("configuration", `the kernel's command line of ${bytes.length} bytes does not fit into low memory`);
    for (const byte of [...bytes, 0]) this.view.setUint8(this.at++, byte);
    this.at = (this.at + 3) & ~3;
    return start;
  }
}

/** Puts the modules page aligned behind the kernel; returns their ranges. */
function loadModules(modules: readonly BootModule[], after: number, ram: Uint8Array): readonly (readonly [number, number])[] {
  let at = after;
  return modules.map((module) => {
    const start = Math.ceil(at / pageSize) * pageSize;
    at = start + module.contents.length;
    if (at > ram.length)
      throw new MachineError(
        "image",
        `module ${module.name} (${module.contents.length} bytes) does not fit into the machine's ${ram.length / 0x10_0000} MB`,
      );
    ram.set(module.contents, start);
    return [start, at];
  });
}

/**
 * Loads a multiboot 1 kernel and its modules into RAM and writes the boot information: memory sizes and map, command line, modules,
 * loader name. Throws a MachineError that names the offset and the reason when the file is not what it should be.
 */
export function loadMultiboot(request: MultibootRequest, ram: Uint8Array, map: readonly MemoryRange[]): ProtectedModeEntry {
  const { image } = request;
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const header = findHeader(view);
  const unknown = header.flags & 0xffff & ~(flag.pageAlign | flag.memory);
  if (unknown !== 0)
    throw new MachineError(
      "image",
      `the multiboot header at offset ${header.offset} requires features ${hex(unknown)} that this machine does not give`,
    );
  const { entry, end } = (header.flags & flag.addresses) !== 0 ? loadByAddresses(view, header, ram) : loadElf(image, ram);
  const ranges = loadModules(request.modules, Math.max(end, extendedMemory), ram);
  const base = end > usualInformation && end < lowMemoryEnd ? Math.ceil(end / pageSize) * pageSize : usualInformation;
  return { entry, registers: { eax: bootMagic, ebx: writeInformation(request, base, ranges, ram, map) }, ...selectors };
}

/** Section 3.3. Returns the address of the information. */
function writeInformation(
  request: MultibootRequest,
  base: number,
  ranges: readonly (readonly [number, number])[],
  ram: Uint8Array,
  memory: readonly MemoryRange[],
): number {
  const writer = new Writer(ram, base + 120);
  const commandLine = writer.text(request.commandLine);
  const loader = writer.text("mercury");
  const names = request.modules.map((module) => writer.text(module.name));
  const modules = writer.at;
  for (const [index, [start, end]] of ranges.entries()) writer.words(start, end, names[index] ?? 0, 0);
  const map = writer.at;
  // `size` does not count itself. Addresses and lengths have 64 bits; the types are those of E820h.
  for (const { start, end, type } of memory) writer.words(20, start, 0, end - start, 0, type);
  const mapLength = writer.at - map;
  const present = (1 << 0) | (1 << 2) | (1 << 3) | (1 << 6) | (1 << 9);
  const information = new Writer(ram, base);
  information.words(present, displayMemory / 1024, (ram.length - extendedMemory) / 1024, 0, commandLine, ranges.length, modules);
  information.words(0, 0, 0, 0, mapLength, map, 0, 0, 0, loader, 0);
  return base;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
