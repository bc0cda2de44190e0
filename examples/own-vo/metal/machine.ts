// Instructions of the metal compiler, and what the stubs define in the kernel's image.
// @ts-ignore: decorator
@external("x86", "out8") export declare function out8(port: u32, value: u32): void;
// @ts-ignore: decorator
@external("x86", "readCr0") export declare function readCr0(): u32;
// @ts-ignore: decorator
@external("x86", "writeCr0") export declare function writeCr0(value: u32): void;
// @ts-ignore: decorator
@external("x86", "readCr3") export declare function readCr3(): u32;
// @ts-ignore: decorator
@external("x86", "writeCr3") export declare function writeCr3(value: u32): void;
// @ts-ignore: decorator
@external("x86", "loadGdt") export declare function loadGdt(descriptor: usize): void;
// @ts-ignore: decorator
@external("x86", "loadIdt") export declare function loadIdt(descriptor: usize): void;
// @ts-ignore: decorator
@external("x86", "loadTaskRegister") export declare function loadTaskRegister(selector: u32): void;
// @ts-ignore: decorator
@external("x86", "hypercall") export declare function hypercall(number: u32, a: u32, b: u32, c: u32): i32;
// @ts-ignore: decorator
@external("asm", "nativeReloadSegments") export declare function reloadSegments(): void;
// @ts-ignore: decorator
@external("asm", "virtual_refused") export declare function refused(error: i32): void;
// @ts-ignore: decorator
@external("sym", "kernelRecord") export declare function kernelRecordAddress(): usize;
// @ts-ignore: decorator
@external("sym", "native_gdt") export declare function gdt(): usize;
// @ts-ignore: decorator
@external("sym", "native_idt") export declare function idt(): usize;
// @ts-ignore: decorator
@external("sym", "native_gdtDescriptor") export declare function gdtDescriptor(): usize;
// @ts-ignore: decorator
@external("sym", "native_idtDescriptor") export declare function idtDescriptor(): usize;
// @ts-ignore: decorator
@external("sym", "native_taskState") export declare function taskStateAddress(): usize;

import { KernelRecord, SHARED_PAGE, SharedPage } from "@mercury/abi/metal";

export function kernelRecord(): KernelRecord {
  return changetype<KernelRecord>(kernelRecordAddress());
}

/** The kernel's shadow of the controllers' masks: the copy that both modes keep, and that a switch reads. */
export function lineMasks(): u32 {
  return changetype<SharedPage>(SHARED_PAGE).lineMasks;
}

export function setLineMasks(masks: u32): void {
  changetype<SharedPage>(SHARED_PAGE).lineMasks = masks;
}
