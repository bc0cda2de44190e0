/**
 * Three kinds of address that are all 32-bit numbers and must never be mixed. A cast makes one from a number; no arithmetic crosses kinds.
 */
declare const kind: unique symbol;

/** What a program or kernel uses: a linear address after segmentation, before paging. */
export type Linear = number & { readonly [kind]: "linear" };
/** What a domain believes to be physical: pseudo-physical. Equal to the machine address unless frames are shuffled (docs/kernel-and-vmm.md). */
export type Physical = number & { readonly [kind]: "physical" };
/** What the memory bus sees. Table entries and CR3 hold these. */
export type Machine = number & { readonly [kind]: "machine" };
