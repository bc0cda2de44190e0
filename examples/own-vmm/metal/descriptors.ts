import {
  GDT_KERNEL_CODE, GDT_KERNEL_DATA, GDT_TASK_STATE, GDT_TLS0, GDT_USER_CODE, GDT_USER_DATA, GDT_VMM_CODE, GDT_VMM_DATA, GDT_VMM_TASK_STATE, GUEST_END,
  SELECTOR_KERNEL_CODE_RING1, SELECTOR_KERNEL_DATA_RING1, SELECTOR_TASK_STATE, SELECTOR_VMM_CODE, SELECTOR_VMM_DATA, SELECTOR_VMM_TASK_STATE,
  TASK_STATE_SIZE, VECTOR_BREAKPOINT, VECTOR_HYPERCALL, VECTOR_MODE_SWITCH, VECTOR_OVERFLOW, VECTOR_SYSTEM_CALL,
} from "@mercury/abi/metal";
import { kernelRecord, nativeTaskState, taskState, trapOf } from "./domain";
import {
  entryTable, gdt, gdtDescriptor, idt, idtDescriptor, loadFs, loadGdt, loadGs, loadIdt, loadTaskRegister, readFs, readGs, stackTop, taskStateAddress,
} from "./machine";

// Segments (SDM 3A 3.4.5): 32-bit, in pages, present, accessed. Those of rings 1 and 3 end where the VMM's part begins: that is all its protection.
const GUEST_PAGES: u32 = (<u32>GUEST_END >> 12) - 1;
const GUEST_LOW: u32 = GUEST_PAGES & 0xffff;
const GUEST_HIGH: u32 = 0x00c00000 | (GUEST_PAGES & 0xf0000);
const CODE: u32 = 0x9b00;
const DATA: u32 = 0x9300;
const RING1: u32 = 0x2000;
const RING3: u32 = 0x6000;
/** Available 32-bit task state; bit 9 of the high word says busy (SDM 3A 7.2.2). */
const TASK_STATE: u32 = 0x8900;
const BUSY: u32 = 0x200;
// Present gates (SDM 3A 6.11).
const INTERRUPT_GATE: u32 = 0x8e00;
const TRAP_GATE: u32 = 0x8f00;
const TLS_BYTES: usize = 3 << 3;

function put(table: usize, index: u32, low: u32, high: u32): void {
  store<u32>(table + <usize>(index << 3), low);
  store<u32>(table + <usize>(index << 3) + 4, high);
}

function setGate(vector: u32, selector: u32, handler: u32, kind: u32): void {
  put(idt(), vector, (selector << 16) | (handler & 0xffff), (handler & 0xffff0000) | kind);
}

/** Everything that does not depend on a thread. */
export function buildTables(): void {
  const base = <u32>taskStateAddress();
  put(gdt(), GDT_KERNEL_CODE, GUEST_LOW, GUEST_HIGH | CODE | RING1);
  put(gdt(), GDT_KERNEL_DATA, GUEST_LOW, GUEST_HIGH | DATA | RING1);
  put(gdt(), GDT_USER_CODE, GUEST_LOW, GUEST_HIGH | CODE | RING3);
  put(gdt(), GDT_USER_DATA, GUEST_LOW, GUEST_HIGH | DATA | RING3);
  put(gdt(), GDT_VMM_CODE, 0xffff, 0x00cf0000 | CODE);
  put(gdt(), GDT_VMM_DATA, 0xffff, 0x00cf0000 | DATA);
  put(gdt(), GDT_VMM_TASK_STATE, (base << 16) | (TASK_STATE_SIZE - 1), (base & 0xff000000) | TASK_STATE | ((base >> 16) & 0xff));
  taskState().esp0 = <u32>stackTop();
  taskState().ss0 = SELECTOR_VMM_DATA;
  taskState().ss1 = SELECTOR_KERNEL_DATA_RING1;
  taskState().ioBitmap = <u16>TASK_STATE_SIZE;
  for (let at = entryTable(); load<u32>(at + 4) != 0; at += 8) setGate(load<u32>(at), SELECTOR_VMM_CODE, load<u32>(at + 4), gateKind(load<u32>(at)));
}

/** Which rings may raise a vector by INT. */
function gateKind(vector: u32): u32 {
  if (vector == VECTOR_BREAKPOINT || vector == VECTOR_OVERFLOW) return INTERRUPT_GATE | RING3;
  return vector == VECTOR_HYPERCALL || vector == VECTOR_MODE_SWITCH ? INTERRUPT_GATE | RING1 : INTERRUPT_GATE;
}

/** System calls go from ring 3 to the kernel's handler in ring 1 directly. */
export function openSystemCall(): void {
  const entry = trapOf(VECTOR_SYSTEM_CALL);
  if (entry) setGate(VECTOR_SYSTEM_CALL, SELECTOR_KERNEL_CODE_RING1, entry.handler, TRAP_GATE | RING3);
}

function copyTls(to: usize, from: usize): void {
  memory.copy(to + <usize>(GDT_TLS0 << 3), from + <usize>(GDT_TLS0 << 3), TLS_BYTES);
}

export function setTls(slot: u32, low: u32, high: u32): void {
  put(gdt(), GDT_TLS0 + slot, low, high);
}

/** LTR wants it available (SDM 2A LTR). */
function clearBusy(table: usize, slot: u32): void {
  const at = table + <usize>(slot << 3) + 4;
  store<u32>(at, load<u32>(at) & ~BUSY);
}

export function adoptDescriptors(): void {
  copyTls(gdt(), <usize>kernelRecord().gdt);
  taskState().esp1 = nativeTaskState().esp0;
  openSystemCall();
  clearBusy(gdt(), GDT_VMM_TASK_STATE);
  loadGdt(gdtDescriptor());
  loadIdt(idtDescriptor());
  loadTaskRegister(SELECTOR_VMM_TASK_STATE);
  reloadThreadSegments();
}

export function releaseDescriptors(): void {
  const native = <usize>kernelRecord().gdt;
  copyTls(native, gdt());
  nativeTaskState().esp0 = taskState().esp1;
  clearBusy(native, GDT_TASK_STATE);
  loadGdt(<usize>kernelRecord().gdtDescriptor);
  loadIdt(<usize>kernelRecord().idtDescriptor);
  loadTaskRegister(SELECTOR_TASK_STATE);
  reloadThreadSegments();
}

/** FS and GS are the thread's; their hidden parts come from the table that is loaded now. */
function reloadThreadSegments(): void {
  loadFs(readFs());
  loadGs(readGs());
}
