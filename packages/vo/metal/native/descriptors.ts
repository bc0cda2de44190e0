import {
  GDT_KERNEL_CODE, GDT_KERNEL_DATA, GDT_TASK_STATE, GDT_TLS0, GDT_USER_CODE, GDT_USER_DATA, SELECTOR_KERNEL_DATA, SELECTOR_TASK_STATE,
} from "@mercury/abi/metal";
import { loadGdt, loadLdt, loadTaskRegister } from "@mercury/toolchain/metal";
import { nativeGdt, nativeGdtDescriptor, nativeTaskState } from "../symbols";

/** CS, SS := kernel; DS, ES := user data; FS, GS := null (stubs/segments.ts). */
// @ts-ignore: decorator
@external("asm", "native_reloadSegments") export declare function reloadSegments(): void;

/** Bytes of a 32-bit task-state segment without an I/O bitmap (SDM 3A 7.2.1, figure 7-2). */
const TASK_STATE_SIZE: u32 = 104;
const TASK_STATE_SS0: usize = 8;
const TASK_STATE_IO_BITMAP: usize = 102;

/** High words of flat 4 GB segments: G=1, D=1, limit FFFFF, present (SDM 3A 3.4.5); access byte by privilege and type. */
const FLAT_LOW: u32 = 0x0000ffff;
const FLAT_CODE_RING0: u32 = 0x00cf9a00;
const FLAT_DATA_RING0: u32 = 0x00cf9200;
const FLAT_CODE_RING3: u32 = 0x00cffa00;
const FLAT_DATA_RING3: u32 = 0x00cff200;
/** Present, DPL 0, available 32-bit TSS (SDM 3A 7.2.2). */
const TASK_STATE_ACCESS: u32 = 0x00008900;

function setDescriptor(slot: u32, low: u32, high: u32): void {
  const at = nativeGdt() + <usize>(slot << 3);
  store<u32>(at, low);
  store<u32>(at + 4, high);
}

/** The native descriptor table and task state; the thread-local slots stay as they are. */
export function buildDescriptors(): void {
  setDescriptor(GDT_KERNEL_CODE, FLAT_LOW, FLAT_CODE_RING0);
  setDescriptor(GDT_KERNEL_DATA, FLAT_LOW, FLAT_DATA_RING0);
  setDescriptor(GDT_USER_CODE, FLAT_LOW, FLAT_CODE_RING3);
  setDescriptor(GDT_USER_DATA, FLAT_LOW, FLAT_DATA_RING3);
  const base = <u32>nativeTaskState();
  setDescriptor(GDT_TASK_STATE, (base << 16) | (TASK_STATE_SIZE - 1), (base & 0xff000000) | TASK_STATE_ACCESS | ((base >> 16) & 0xff));
  store<u32>(<usize>base + TASK_STATE_SS0, SELECTOR_KERNEL_DATA);
  // A bitmap that starts at the segment's end: no port is allowed to ring 3 (SDM 1 19.5.2).
  store<u16>(<usize>base + TASK_STATE_IO_BITMAP, <u16>TASK_STATE_SIZE);
}

/**
 * Makes the native tables the processor's. LTR needs the descriptor available, which buildDescriptors left it (SDM 2A LTR). There is no local
 * table: after a reset the processor takes 64 KB at address 0 for one (SDM 3A table 9-1), where a program may have a page with a call gate.
 */
export function loadDescriptors(): void {
  loadGdt(nativeGdtDescriptor());
  loadLdt(0);
  reloadSegments();
  loadTaskRegister(SELECTOR_TASK_STATE);
}

/** Writes a thread-local descriptor into the native table. */
export function setTlsDescriptor(slot: u32, low: u32, high: u32): void {
  setDescriptor(GDT_TLS0 + slot, low, high);
}
