/** Data that the layer's stubs place in the kernel image (stubs/data.ts): the address of each. */
// @ts-ignore: decorator
@external("sym", "kernelRecord") export declare function kernelRecordAddress(): usize;
// @ts-ignore: decorator
@external("sym", "native_gdt") export declare function nativeGdt(): usize;
// @ts-ignore: decorator
@external("sym", "native_idt") export declare function nativeIdt(): usize;
// @ts-ignore: decorator
@external("sym", "native_gdtDescriptor") export declare function nativeGdtDescriptor(): usize;
// @ts-ignore: decorator
@external("sym", "native_idtDescriptor") export declare function nativeIdtDescriptor(): usize;
// @ts-ignore: decorator
@external("sym", "native_taskState") export declare function nativeTaskState(): usize;

import { KernelRecord } from "@mercury/abi/metal";

/** What the boot path wrote down about this kernel. */
export function kernelRecord(): KernelRecord {
  return changetype<KernelRecord>(kernelRecordAddress());
}
