import { GDT_VMM_CODE, SELECTOR_TASK_STATE, SELECTOR_VMM_TASK_STATE } from "@mercury/abi/metal";
import { loadGdt, loadIdt, loadTaskRegister } from "@mercury/toolchain/metal";
import { nativeGdt, nativeGdtDescriptor, nativeIdtDescriptor } from "../domains/facts";
import { gdt, gdtDescriptor, idtDescriptor } from "../symbols";

/**
 * One side's descriptor tables for the other's, while an NMI may come at any instruction. Whichever table of gates it finds, the gate's code segment and the
 * one that it interrupts must be in whichever table of segments: so the VMM's two segments stand in the native table for the time of the exchange, the VMM runs in
 * them while its gates are loaded, and in the kernel's once they are not.
 */

/** CS, SS, DS and ES from the table that is loaded (stubs/switch.ts). */
// @ts-ignore: decorator
@external("asm", "vmm_ownSegments") export declare function ownSegments(): void;
// @ts-ignore: decorator
@external("asm", "vmm_kernelSegments") export declare function kernelSegments(): void;

const OWN_SEGMENTS: usize = <usize>GDT_VMM_CODE << 3;
/** Code and data. */
const OWN_SEGMENTS_SIZE: usize = 16;

export function loadOwnTables(): void {
  lendSegments();
  ownSegments();
  loadIdt(idtDescriptor());
  loadGdt(gdtDescriptor());
  loadTaskRegister(SELECTOR_VMM_TASK_STATE);
  takeSegmentsBack();
}

/** The native task state must not be busy (SDM 2A LTR). */
export function loadNativeTables(): void {
  lendSegments();
  loadGdt(<usize>nativeGdtDescriptor);
  loadIdt(<usize>nativeIdtDescriptor);
  loadTaskRegister(SELECTOR_TASK_STATE);
  kernelSegments();
  takeSegmentsBack();
}

function lendSegments(): void {
  memory.copy(<usize>nativeGdt + OWN_SEGMENTS, gdt() + OWN_SEGMENTS, OWN_SEGMENTS_SIZE);
}

function takeSegmentsBack(): void {
  memory.fill(<usize>nativeGdt + OWN_SEGMENTS, 0, OWN_SEGMENTS_SIZE);
}
