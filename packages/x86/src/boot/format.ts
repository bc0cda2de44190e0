import { isElf } from "./elf.ts";
import { isBzImage } from "./linux-header.ts";
import { hasMultibootHeader } from "./multiboot.ts";

/** How a kernel's file wants to be loaded. */
export type KernelFormat = "multiboot" | "linux";

/**
 * Tells by its contents how to load a kernel: a multiboot header wins, a bzImage and any other ELF file (a vmlinux) are Linux's.
 * Undefined when it is none of these.
 */
export function kernelFormat(file: Uint8Array): KernelFormat | undefined {
  if (isBzImage(file)) return "linux";
  if (hasMultibootHeader(file)) return "multiboot";
  return isElf(file) ? "linux" : undefined;
}
