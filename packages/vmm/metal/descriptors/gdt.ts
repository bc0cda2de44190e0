import {
  GDT_DOUBLE_FAULT_TASK_STATE, GDT_KERNEL_CODE, GDT_KERNEL_DATA, GDT_TASK_STATE, GDT_TLS0, GDT_USER_CODE, GDT_USER_DATA, GDT_VMM_CODE, GDT_VMM_DATA,
  GDT_VMM_DOUBLE_FAULT_TASK_STATE, GDT_VMM_TASK_STATE, GUEST_END, TASK_STATE_SIZE,
} from "@mercury/abi/metal";
import { doubleFaultTaskStateAddress, gdt, taskStateAddress } from "../symbols";

/** Thread-local storage slots of a thread. */
export const TLS_SLOTS: u32 = 3;

// High words (SDM 3A 3.4.5): G=1, D=1, limit 19:16, access byte. Flat segments of rings 1 and 3 end at GUEST_END; the VMM's do not.
const GUEST_PAGES: u32 = (<u32>GUEST_END >> 12) - 1;
const GUEST_LOW: u32 = GUEST_PAGES & 0xffff;
const GUEST_HIGH: u32 = 0x00c00000 | (GUEST_PAGES & 0xf0000);
const FLAT_LOW: u32 = 0xffff;
const FLAT_HIGH: u32 = 0x00cf0000;
// Present, code readable or data writable, accessed already: so the processor never writes the table.
const PRESENT_CODE: u32 = 0x9b00;
const PRESENT_DATA: u32 = 0x9300;
const RING1: u32 = 0x2000;
const RING3: u32 = 0x6000;
/** Present, DPL 0, available 32-bit TSS (SDM 3A 7.2.2); bit 9 is busy. */
const TASK_STATE_ACCESS: u32 = 0x8900;
const BUSY: u32 = 0x0200;

function setDescriptor(slot: u32, low: u32, high: u32): void {
  const at = gdt() + <usize>(slot << 3);
  store<u32>(at, low);
  store<u32>(at + 4, high);
}

function setTaskState(slot: u32, base: u32): void {
  setDescriptor(slot, (base << 16) | (TASK_STATE_SIZE - 1), (base & 0xff000000) | TASK_STATE_ACCESS | ((base >> 16) & 0xff));
}

/** Everything but the TLS slots, which are the current thread's. */
export function buildGdt(): void {
  setDescriptor(GDT_KERNEL_CODE, GUEST_LOW, GUEST_HIGH | PRESENT_CODE | RING1);
  setDescriptor(GDT_KERNEL_DATA, GUEST_LOW, GUEST_HIGH | PRESENT_DATA | RING1);
  setDescriptor(GDT_USER_CODE, GUEST_LOW, GUEST_HIGH | PRESENT_CODE | RING3);
  setDescriptor(GDT_USER_DATA, GUEST_LOW, GUEST_HIGH | PRESENT_DATA | RING3);
  setDescriptor(GDT_TASK_STATE, 0, 0);
  setDescriptor(GDT_DOUBLE_FAULT_TASK_STATE, 0, 0);
  setDescriptor(GDT_VMM_CODE, FLAT_LOW, FLAT_HIGH | PRESENT_CODE);
  setDescriptor(GDT_VMM_DATA, FLAT_LOW, FLAT_HIGH | PRESENT_DATA);
  setTaskState(GDT_VMM_TASK_STATE, <u32>taskStateAddress());
  setTaskState(GDT_VMM_DOUBLE_FAULT_TASK_STATE, <u32>doubleFaultTaskStateAddress());
}

/** LTR refuses a busy task state (SDM 2A LTR). */
export function clearBusy(table: usize, slot: u32): void {
  const at = table + <usize>(slot << 3) + 4;
  store<u32>(at, load<u32>(at) & ~BUSY);
}

/**
 * Whether a descriptor may be a thread's: not present, or a data segment of DPL 3 (SDM 3A 3.4.5). The first domain's keep whatever limit
 * they have, as C libraries reach behind their base (design: "Limits, TLS").
 */
export function isTlsDescriptor(high: u32): bool {
  const access = (high >> 8) & 0xff;
  return (access & 0x80) == 0 || (access & 0x78) == 0x70;
}

export function setTls(slot: u32, low: u32, high: u32): void {
  setDescriptor(GDT_TLS0 + slot, low, high);
}

/** Copies the TLS slots of one table to another. */
export function copyTls(to: usize, from: usize): void {
  memory.copy(to + <usize>(GDT_TLS0 << 3), from + <usize>(GDT_TLS0 << 3), <usize>(TLS_SLOTS << 3));
}

/** High word of a TLS slot in any table. */
export function tlsHigh(table: usize, slot: u32): u32 {
  return load<u32>(table + <usize>((GDT_TLS0 + slot) << 3) + 4);
}

export function clearTls(): void {
  memory.fill(gdt() + <usize>(GDT_TLS0 << 3), 0, <usize>(TLS_SLOTS << 3));
}
