import type { Writer } from "../assembler/block.ts";

/** Multiboot 0.6.96 section 3.1.2: the header's magic, and the flags that Mercury asks for. */
const magic = 0x1badb002;
/** Modules on page boundaries (bit 0), memory size and map (bit 1). */
const flags = 0x3;

/** What EAX holds when a multiboot loader starts the image (section 3.2). */
export const multibootLoaderMagic = 0x2badb002;

/**
 * Writes the multiboot header. It has no addresses: loaders take them from the ELF program headers, whose physical addresses they honour.
 * The header must lie in the first 8192 bytes of the file, so its section comes first.
 */
export function multibootHeader(a: Writer): void {
  a.data("multibootHeader", { section: ".multiboot", alignment: 4 });
  a.data32(magic, flags, -(magic + flags));
}
