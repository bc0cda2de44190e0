import { MachineError } from "../errors.ts";
import { extendedMemory } from "./memory-map.ts";

/** Offsets in a bzImage of the setup header's fields (Linux, Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header"). */
export const field = {
  setupSectors: 0x1f1,
  systemSize: 0x1f4,
  bootFlag: 0x1fe,
  jump: 0x200,
  magic: 0x202,
  version: 0x206,
  loaderType: 0x210,
  loadFlags: 0x211,
  code32Start: 0x214,
  ramDiskImage: 0x218,
  ramDiskSize: 0x21c,
  heapEnd: 0x224,
  commandLinePointer: 0x228,
  initrdAddressMaximum: 0x22c,
  kernelAlignment: 0x230,
  relocatable: 0x234,
  extendedLoadFlags: 0x236,
  commandLineSize: 0x238,
  preferredAddress: 0x258,
  initSize: 0x260,
} as const;

/** "HdrS", AA55h. */
export const headerMagic = 0x5372_6448;
export const bootFlag = 0xaa55;
export const loadFlag = { high: 0x01 } as const;
const extendedFlag = { kernel64: 0x01 } as const;
const sectorSize = 512;
/** Start of the header in file and zero page; everything before belongs to the loader. */
export const headerStart: number = field.setupSectors;
/** The oldest protocol with a 32-bit pointer to the command line and a size other than 255 characters implied. */
const oldestVersion = 0x0202;

/** What a loader has to know of a bzImage. */
export interface LinuxHeader {
  readonly version: number;
  /** Bytes of the file to copy into the zero page, from `headerStart` on. */
  readonly end: number;
  /** Where the protected-mode kernel begins in the file. */
  readonly payload: number;
  /** Where it wants to lie. */
  readonly loadAddress: number;
  /** First address that it does not use before it knows the memory map. */
  readonly memoryEnd: number;
  /** The highest address that a RAM disk may occupy. */
  readonly initrdMaximum: number;
  /** Characters that the command line may have, without the final zero. */
  readonly commandLineSize: number;
}

/** Whether a file carries the mark of a bzImage or of its older relatives. */
export function isBzImage(file: Uint8Array): boolean {
  return file.length >= field.version && viewOf(file).getUint32(field.magic, true) === headerMagic;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function refuse(offset: number, reason: string): never {
  throw new MachineError("image", `offset 0x${offset.toString(16)}: ${reason}`);
}

function checkVersion(view: DataView): number {
  if (view.byteLength < field.loadFlags + 1) refuse(view.byteLength, "the Linux setup header is cut off");
  if (view.getUint16(field.bootFlag, true) !== bootFlag) refuse(field.bootFlag, "not a Linux kernel: the boot flag aa55 is missing");
  if (view.getUint32(field.magic, true) !== headerMagic) refuse(field.magic, 'not a Linux kernel: the mark "HdrS" is missing');
  const version = view.getUint16(field.version, true);
  const name = `${version >> 8}.${String(version & 0xff).padStart(2, "0")}`;
  if (version < oldestVersion) refuse(field.version, `the kernel speaks boot protocol ${name}; 2.02 is the oldest that can be loaded`);
  if ((view.getUint8(field.loadFlags) & loadFlag.high) === 0)
    refuse(field.loadFlags, "the kernel is a zImage, which loads below 1 MB; only bzImage kernels can be loaded");
  return version;
}

/** Reads and checks the header. Throws a MachineError that names offset and reason. */
export function readLinuxHeader(file: Uint8Array): LinuxHeader {
  const view = viewOf(file);
  const version = checkVersion(view);
  // The jump at the header's start leads behind its end: a short jump of two bytes with its distance in the second.
  const end = field.magic + view.getUint8(field.jump + 1);
  const payload = ((view.getUint8(field.setupSectors) || 4) + 1) * sectorSize;
  if (end > view.byteLength || payload >= view.byteLength)
    refuse(field.setupSectors, `the protected-mode kernel should begin at ${payload}, but the file has ${view.byteLength} bytes`);
  const since = (minimum: number, offset: number): boolean => version >= minimum && offset + 4 <= end;
  if (since(0x020c, field.extendedLoadFlags) && (view.getUint16(field.extendedLoadFlags, true) & extendedFlag.kernel64) !== 0)
    refuse(field.extendedLoadFlags, "the kernel is for 64-bit processors; this machine has 32 bits");
  // Paragraphs of 16 bytes, 16 bits wide before protocol 2.04.
  const paragraphs = version >= 0x0204 ? view.getUint32(field.systemSize, true) : 0;
  const missing = payload + (paragraphs - 1) * 16 + 1 - view.byteLength;
  if (missing > 0) refuse(field.systemSize, `the file is cut off: at least ${missing} bytes of the kernel are missing`);
  return { version, end, payload, ...placement(view, since) };
}

function placement(
  view: DataView,
  since: (minimum: number, offset: number) => boolean,
): Pick<LinuxHeader, "loadAddress" | "memoryEnd" | "initrdMaximum" | "commandLineSize"> {
  const word = (minimum: number, offset: number, otherwise: number): number =>
    since(minimum, offset) ? view.getUint32(offset, true) : otherwise;
  const loadAddress = view.getUint32(field.code32Start, true);
  if (loadAddress < extendedMemory) refuse(field.code32Start, `the kernel wants to lie at 0x${loadAddress.toString(16)}, below 1 MB`);
  // A relocatable kernel unpacks at its preferred address unless it is loaded above that.
  const preferred = word(0x020a, field.preferredAddress, loadAddress);
  return {
    loadAddress,
    memoryEnd: Math.max(loadAddress, preferred) + word(0x020a, field.initSize, 4 * view.byteLength),
    initrdMaximum: word(0x0203, field.initrdAddressMaximum, 0x37ff_ffff),
    commandLineSize: word(0x0206, field.commandLineSize, 255),
  };
}
