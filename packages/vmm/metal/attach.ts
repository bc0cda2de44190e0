import {
  REASON_BAD_DESCRIPTOR, REASON_BAD_TABLE, REASON_NONE, REASON_NO_TRAP_TABLE, SELECTOR_KERNEL_CODE_RING1,
  SELECTOR_KERNEL_DATA_RING1, SLOT_DIRECT_MAP, TaskState, VmmFrame,
} from "@mercury/abi/metal";
import { readCr2, readCr3 } from "@mercury/toolchain/metal";
import { loadOwnTables } from "./descriptors/exchange";
import { TLS_SLOTS, copyTls, isTlsDescriptor, tlsHigh } from "./descriptors/gdt";
import { taskState } from "./descriptors/task-state";
import { foreignSelector, reloadUserSegments } from "./descriptors/user-segments";
import { masterDirectory, nativeGdt, nativeTaskState, zoneFrames } from "./domains/facts";
import { kernelRecord, setActive, setDirectory, sharedPage } from "./domains/first";
import { INTERRUPT_FLAG, setVirtualFlag } from "./events/virtual-flag";
import { isOwnData } from "./frames/chunks";
import * as records from "./frames/records";
import { FORM_VIRTUAL } from "./sites";
import { gdt } from "./symbols";
import { noteFrame, resetCounters } from "./tables/counters";
import { validateSpace } from "./tables/directory";
import { loadDirectoryAfresh } from "./tables/flush";
import { clearLeafArea, landingMachine, masterSlots } from "./tables/landing";
import { allowTableWrites, forbidTableWrites } from "./tables/protection";
import { refuse } from "./tables/refusal";
import { copyHandlers } from "./traps/handlers";
import { openSystemCall } from "./traps/idt";

/** Accessed and dirty: what the processor may have changed in a copy of a slot. */
const HARDWARE_BITS: u32 = 0x60;

/** 0, or why the current thread cannot go on in ring 1: no trap table, or a descriptor, stack or selector that ring 1 may not have. */
export function adoptable(): u32 {
  const record = kernelRecord();
  if (record.trapTable == 0 || !copyHandlers(record.trapTable, record.trapCount)) return REASON_NO_TRAP_TABLE;
  for (let slot: u32 = 0; slot < TLS_SLOTS; slot++) {
    if (!isTlsDescriptor(tlsHigh(<usize>nativeGdt, slot))) return refusedReason(REASON_BAD_DESCRIPTOR, slot);
  }
  if (foreignSelector() != 0) return refusedReason(REASON_BAD_DESCRIPTOR, foreignSelector());
  const stack = nativeStack();
  return stack == 0 || isOwnData(stack - 4, 4) ? REASON_NONE : refusedReason(REASON_BAD_DESCRIPTOR, stack);
}

function refusedReason(reason: u32, detail: u32): u32 {
  refuse(0, detail);
  return reason;
}

function nativeStack(): u32 {
  return changetype<TaskState>(<usize>nativeTaskState).esp0;
}

/** Forgets every type; with them the hooks of the leaf area's tables. */
export function startEpoch(): void {
  resetCounters();
  records.startEpoch();
  clearLeafArea();
}

/**
 * The eager strategy: every directory in the zone, found by its kernel half, with all its leaves. Types stay behind when it fails; the next
 * epoch forgets them, and what was written to directories means the same natively.
 */
export function validateAll(): u32 {
  const mark = directoryMark(masterSlots());
  allowTableWrites();
  let result: i32 = 0;
  for (let frame: u32 = 0; frame < zoneFrames && result == 0; frame++) {
    noteFrame();
    const at = records.linearOf(frame);
    if (at != masterSlots() && directoryMark(at) == mark) result = validateSpace(frame);
  }
  forbidTableWrites();
  return result < 0 ? REASON_BAD_TABLE : REASON_NONE;
}

/**
 * The running directory with all its leaves, as validateAll does it with every one. A thread of the kernel's own runs in the master, which
 * has no user half and is never validated.
 */
export function validateRunning(): u32 {
  const machine = readCr3() & ~0xfff;
  if (machine == masterDirectory) return REASON_NONE;
  noteFrame();
  allowTableWrites();
  const result = validateSpace(records.frameOfMachine(machine));
  forbidTableWrites();
  return result < 0 ? REASON_BAD_TABLE : REASON_NONE;
}

/** The first slot of the direct map: a global large page, which no leaf table holds. */
function directoryMark(table: usize): u32 {
  return load<u32>(table + <usize>(SLOT_DIRECT_MAP << 2)) & ~HARDWARE_BITS;
}

export function adoptMemory(): void {
  setDirectory(readCr3() & ~0xfff, true);
}

/** Handlers were copied when `adoptable` looked at them. */
export function adoptDescriptors(): void {
  copyTls(gdt(), <usize>nativeGdt);
  taskState().esp1 = nativeStack();
  openSystemCall();
  loadOwnTables();
}

/** The last step: landing directory, hidden parts of FS and GS, ring 1. DS and ES follow when the frame is popped. */
export function enterVirtual(at: u32): void {
  const frame = changetype<VmmFrame>(<usize>at);
  loadDirectoryAfresh(landingMachine());
  reloadUserSegments(gdt());
  frame.cs = SELECTOR_KERNEL_CODE_RING1;
  frame.ss = SELECTOR_KERNEL_DATA_RING1;
  setVirtualFlag(frame.flags);
  frame.flags |= INTERRUPT_FLAG;
  sharedPage().faultAddress = readCr2();
  sharedPage().mode = FORM_VIRTUAL;
  setActive(true);
}
