import { MachineError } from "../errors.ts";
import { isElf, loadElf } from "./elf.ts";
import type { ProtectedModeEntry } from "./entry.ts";
import { headerStart, isBzImage, type LinuxHeader, readLinuxHeader } from "./linux-header.ts";
import type { MemoryRange } from "./memory-map.ts";
import { bootCode, bootData, commandLineRoom, writeZeroPage, zeroPage } from "./zero-page.ts";

export interface LinuxRequest {
  /** A bzImage, or a vmlinux (ELF). */
  readonly kernel: Uint8Array;
  /** RAM disks; the kernel unpacks them one over the other. */
  readonly initrd: readonly Uint8Array[];
  readonly commandLine: string;
}

const pageSize = 0x1000;
const mega = 0x10_0000;
/** What a vmlinux is given, whose file says nothing of it: the kernel's own lowmem limit and command line (boot.rst). */
const vmlinuxLimits = { initrdMaximum: 0x37ff_ffff, commandLineSize: 2047 } as const;

/** A kernel that has been put into RAM. */
interface Placed extends Pick<LinuxHeader, "initrdMaximum" | "commandLineSize"> {
  readonly entry: number;
  /** First address that the kernel does not use. */
  readonly end: number;
  readonly header: Uint8Array | undefined;
}

/**
 * Loads a Linux kernel with its RAM disks and command line by the 32-bit boot protocol (Documentation/arch/x86/boot.rst). Throws a
 * MachineError: `image` with offset and reason when the kernel's file is not what it should be, `configuration` when something does not fit.
 */
export function loadLinux(request: LinuxRequest, ram: Uint8Array, map: readonly MemoryRange[]): ProtectedModeEntry {
  const kernel = isBzImage(request.kernel) ? placeBzImage(request.kernel, ram) : placeVmlinux(request.kernel, ram);
  const commandLine = new TextEncoder().encode(request.commandLine);
  const room = Math.min(kernel.commandLineSize, commandLineRoom);
  if (commandLine.length > room)
    throw new MachineError("configuration", `the command line has ${commandLine.length} bytes; the kernel takes at most ${room}`);
  const initrd = placeInitrd(request.initrd, kernel, ram, map);
  const gdt = writeZeroPage(ram, { header: kernel.header, commandLine, initrd, map });
  return { entry: kernel.entry, registers: { esi: zeroPage }, code: bootCode, data: bootData, gdt };
}

function placeBzImage(file: Uint8Array, ram: Uint8Array): Placed {
  const header = readLinuxHeader(file);
  const payload = file.subarray(header.payload);
  const end = Math.max(header.memoryEnd, header.loadAddress + payload.length);
  if (end > ram.length)
    throw new MachineError(
      "configuration",
      `the kernel needs ${Math.ceil(end / mega)} MB to start; the machine has ${ram.length / mega} MB`,
    );
  ram.set(payload, header.loadAddress);
  return { ...header, entry: header.loadAddress, end, header: file.subarray(headerStart, header.end) };
}

function placeVmlinux(file: Uint8Array, ram: Uint8Array): Placed {
  if (!isElf(file))
    throw new MachineError("image", "offset 0: no Linux kernel: neither a bzImage (HdrS at offset 0x202) nor an ELF file (vmlinux)");
  return { ...loadElf(file, ram), ...vmlinuxLimits, header: undefined };
}

/** Puts the RAM disks, one behind the other, as high as kernel and memory allow. */
function placeInitrd(
  disks: readonly Uint8Array[],
  kernel: Placed,
  ram: Uint8Array,
  map: readonly MemoryRange[],
): { readonly start: number; readonly length: number } | undefined {
  // The kernel looks for the next archive at a multiple of 4 (Documentation/driver-api/early-userspace/buffer-format.rst).
  const length = disks.reduce((sum, disk) => Math.ceil(sum / 4) * 4 + disk.length, 0);
  if (length === 0) return undefined;
  const top = Math.min(kernel.initrdMaximum + 1, map.at(-1)?.end ?? ram.length);
  const start = (top - length) & -pageSize;
  if (start < kernel.end)
    throw new MachineError(
      "configuration",
      `the RAM disk of ${length} bytes does not fit: the kernel lies below ${hex(kernel.end)}, and the RAM disk must end at ${hex(top)}`,
    );
  let at = start;
  for (const disk of disks) {
    at = (at + 3) & ~3;
    ram.set(disk, at);
    at += disk.length;
  }
  return { start, length };
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
