/** Section header fields and sizes of a 32-bit ELF file (System V ABI, figures 4-8 and 4-15). */
const sectionHeader = { type: 4, offset: 16, size: 20, link: 24, bytes: 40 } as const;
const symbolEntry = { name: 0, value: 4, bytes: 16 } as const;
const symbolTable = 2;

/** Addresses of a linked image's symbols, by name. */
export function symbolsOf(elf: Uint8Array): ReadonlyMap<string, number> {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.length);
  const [headers, count] = [view.getUint32(32, true), view.getUint16(48, true)];
  const section = (index: number, field: Exclude<keyof typeof sectionHeader, "bytes">): number =>
    view.getUint32(headers + index * sectionHeader.bytes + sectionHeader[field], true);
  const table = Array.from({ length: count }, (_, index) => index).find((index) => section(index, "type") === symbolTable);
  if (table === undefined) throw new Error("the image has no symbols");
  const names = section(section(table, "link"), "offset");
  const symbols = new Map<string, number>();
  for (let at = section(table, "offset"), end = at + section(table, "size"); at < end; at += symbolEntry.bytes) {
    const start = names + view.getUint32(at + symbolEntry.name, true);
    symbols.set(Buffer.from(elf.subarray(start, elf.indexOf(0, start))).toString("latin1"), view.getUint32(at + symbolEntry.value, true));
  }
  return symbols;
}
