/** General registers at a kernel's entry; those that are not named are 0. */
export interface EntryRegisters {
  readonly eax?: number;
  readonly ebx?: number;
  readonly esi?: number;
}

/**
 * The processor at a kernel's 32-bit entry: protected mode, paging and interrupts off, every segment flat with 4 GB. The selectors are those by
 * which the segments were loaded; `gdt` is the table that GDTR names, which need not hold them.
 */
export interface ProtectedModeEntry {
  readonly entry: number;
  readonly registers: EntryRegisters;
  readonly code: number;
  readonly data: number;
  readonly gdt?: { readonly base: number; readonly limit: number };
}
