/** Kinds of memory as the BIOS call E820h numbers them (ACPI 15.1, table 15-1). */
export const memoryType = { usable: 1, reserved: 2, acpi: 3 } as const;

/** A stretch of physical addresses and what a kernel may do with it. */
export interface MemoryRange {
  readonly start: number;
  /** First address behind it. */
  readonly end: number;
  readonly type: (typeof memoryType)[keyof typeof memoryType];
}

/** Where conventional memory ends and the extended BIOS data area of a PC begins. */
export const lowMemoryEnd = 0x9_fc00;
/** Where the display's memory begins. */
export const displayMemory = 0xa_0000;
/** The BIOS's own kilobytes below 1 MB, in which kernels search for the tables of MP, ACPI and DMI. */
export const biosArea = 0xe_0000;
export const extendedMemory = 0x10_0000;

/** The map that a PC's firmware would give for `memory` bytes of RAM; holes are left out. Ascending, without overlaps. */
export function memoryMap(memory: number): readonly MemoryRange[] {
  return [
    { start: 0, end: lowMemoryEnd, type: memoryType.usable },
    { start: lowMemoryEnd, end: displayMemory, type: memoryType.reserved },
    { start: biosArea, end: extendedMemory, type: memoryType.reserved },
    { start: extendedMemory, end: memory, type: memoryType.usable },
  ].filter(({ start, end }) => start < end);
}
