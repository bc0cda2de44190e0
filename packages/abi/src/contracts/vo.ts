import type { Layer } from "./layer.ts";

/**
 * Virtual objects: native and virtual body of every operation in voOperations. Of operations that are calls (`native_NAME`, `virtual_NAME`) metal or stubs
 * define both; of the others the stubs define the virtual body where it is a `thunk_NAME`, and the native one is the table's own bytes. Guest and switch also
 * use what voSymbols lists.
 */
export type VoLayer = Layer<"vo">;

/** Symbols of the kernel image besides the operations' bodies that the stubs of a VO layer define. */
export const voSymbols = {
  kernelRecord: "Zeroed memory for structures.kernelRecord, which the guest's boot path fills",
  native_gdt: "The native descriptor table, gdtSlots.count descriptors; its TLS slots are the current thread's",
  native_gdtDescriptor: "Operand of LGDT for it",
  native_idt: "The native interrupt table",
  native_idtDescriptor: "Operand of LIDT for it",
  native_taskState: "The native task-state segment; setKernelStack's native body writes its ESP0",
  raiseVector: "Function (line): takes the interrupt of line 0 to 15 by software, for what a detach left pending",
} as const;
