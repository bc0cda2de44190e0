import {
  GDT_KERNEL_CODE, GDT_KERNEL_DATA, GDT_TASK_STATE, GDT_TLS0, GDT_USER_CODE, GDT_USER_DATA, SELECTOR_KERNEL_CODE, SELECTOR_KERNEL_DATA,
  SELECTOR_TASK_STATE, TASK_STATE_SIZE, TRAP_ENTRY_SIZE, TaskState, TrapEntry, VECTOR_MODE_SWITCH, VMM_BASE, VmmHeader,
} from "@mercury/abi/metal";
import {
  gdt, gdtDescriptor, idt, idtDescriptor, kernelRecord, loadGdt, loadIdt, loadTaskRegister, reloadSegments, taskStateAddress,
} from "../machine";

/** Flat segments (SDM 3A 3.4.5): limit FFFFF pages, 32-bit, present; code readable, data writable; DPL in bits 13 and 14. */
const FLAT_LOW: u32 = 0xffff;
const CODE: u32 = 0x00cf9a00;
const DATA: u32 = 0x00cf9200;
const RING3: u32 = 0x6000;
/** Present, available 32-bit task state (SDM 3A 7.2.2). */
const TASK_STATE: u32 = 0x8900;
/** Present gates of 32 bits (SDM 3A 6.11). */
const INTERRUPT_GATE: u32 = 0x8e00;
const TRAP_GATE: u32 = 0x8f00;

function put(table: usize, index: u32, low: u32, high: u32): void {
  store<u32>(table + <usize>(index << 3), low);
  store<u32>(table + <usize>(index << 3) + 4, high);
}

function setGate(vector: u32, handler: u32, kind: u32): void {
  put(idt(), vector, (SELECTOR_KERNEL_CODE << 16) | (handler & 0xffff), (handler & 0xffff0000) | kind);
}

function buildDescriptors(): void {
  const base = <u32>taskStateAddress();
  put(gdt(), GDT_KERNEL_CODE, FLAT_LOW, CODE);
  put(gdt(), GDT_KERNEL_DATA, FLAT_LOW, DATA);
  put(gdt(), GDT_USER_CODE, FLAT_LOW, CODE | RING3);
  put(gdt(), GDT_USER_DATA, FLAT_LOW, DATA | RING3);
  put(gdt(), GDT_TASK_STATE, (base << 16) | (TASK_STATE_SIZE - 1), (base & 0xff000000) | TASK_STATE | ((base >> 16) & 0xff));
  const state = changetype<TaskState>(taskStateAddress());
  state.ss0 = SELECTOR_KERNEL_DATA;
  // At the limit: no port is allowed to ring 3 (SDM 1 19.5.2).
  state.ioBitmap = <u16>TASK_STATE_SIZE;
}

/** Fills the native tables and notes the trap table for the VMM. Virtual mode does so, too: a detach then finds them complete. */
export function buildTraps(table: u32, count: u32): void {
  buildDescriptors();
  for (let row: u32 = 0; row < count; row++) {
    const entry = changetype<TrapEntry>(<usize>(table + row * TRAP_ENTRY_SIZE));
    setGate(entry.vector, entry.handler, (entry.keepsInterrupts != 0 ? TRAP_GATE : INTERRUPT_GATE) | (<u32>(entry.privilege & 3) << 13));
  }
  kernelRecord().trapTable = table;
  kernelRecord().trapCount = count;
}

/** The dedicated vector's gate stays for good. Its address is read here alone: in ring 1 the VMM's header is out of reach. */
export function nativeLoadTraps(table: u32, count: u32): void {
  buildTraps(table, count);
  if (kernelRecord().vmmReserve != 0) setGate(VECTOR_MODE_SWITCH, changetype<VmmHeader>(VMM_BASE).switchEntry, INTERRUPT_GATE);
  loadGdt(gdtDescriptor());
  reloadSegments();
  loadTaskRegister(SELECTOR_TASK_STATE);
  loadIdt(idtDescriptor());
}

export function nativeSetTls(slot: u32, low: u32, high: u32): void {
  put(gdt(), GDT_TLS0 + slot, low, high);
}
