import {
  EINVAL, ENOSYS, EntryUpdate, INTERFACE_VERSION, PAGE_COPY_ON_WRITE, PAGE_PRESENT, PAGE_SHARED, PAGE_SIZE, PAGE_WRITABLE, SELECTOR_KERNEL_DATA_RING1,
  SLOT_DIRECT_MAP, DIRECT_MAP_BASE, TABLE_DELTA, VmmFrame,
} from "@mercury/abi/metal";
import { openSystemCall, setTls } from "./descriptors";
import { INTERRUPT_FLAG, kernelRecord, sharedPage, taskState } from "./domain";
import { acknowledgeLine, maskLine, pendingLines } from "./lines";
import { disableInterrupts, enableAndHalt, in16, in32, in8, invalidatePage, out16, out32, out8, readCr3, writeCr3 } from "./machine";
import { deliverPending } from "./traps";

/** Bytes of a directory's user half. */
const USER_HALF: usize = <usize>SLOT_DIRECT_MAP << 2;
/** eax, eip, cs, eflags: a frame on the caller's stack that stays in its ring. */
const SAME_RING: u32 = 16;

/** By number, as the table of hypercalls in the contract has them. Nothing is checked: a kernel that lies brings the machine down. */
const handlers: StaticArray<(frame: VmmFrame) => i32> = [
  deliverEvents, returnFromTrap, idle, loadSpace, flushPage, flushSpace, setEntry, exchangeEntry, updateEntries, clearEntries, forkEntries,
  prepareDirectory, nothing, setKernelStack, setThreadDescriptor, loadTraps, readPort, writePort, mask, unmask, acknowledge, missing, version,
];

export function handleHypercall(at: usize): void {
  const frame = changetype<VmmFrame>(at);
  const number = frame.eax;
  frame.eax = number < <u32>handlers.length ? <u32>unchecked(handlers[number])(frame) : <u32>-EINVAL;
  deliverPending(frame);
}

function nothing(frame: VmmFrame): i32 {
  return 0;
}
function missing(frame: VmmFrame): i32 {
  return -ENOSYS;
}
function version(frame: VmmFrame): i32 {
  return <i32>INTERFACE_VERSION;
}

/** What waits is delivered at the hypercall's exit. */
function deliverEvents(frame: VmmFrame): i32 {
  sharedPage().virtualInterruptFlag = INTERRUPT_FLAG;
  return 0;
}

function idle(frame: VmmFrame): i32 {
  sharedPage().virtualInterruptFlag = INTERRUPT_FLAG;
  while (pendingLines() == 0) {
    enableAndHalt();
    disableInterrupts();
  }
  return 0;
}

/** The real IF stays on: real interrupts are the VMM's. */
function returnFromTrap(frame: VmmFrame): i32 {
  const stack = <usize>frame.esp;
  const flags = load<u32>(stack, 12);
  const toUser = (load<u32>(stack, 8) & 3) == 3;
  frame.eip = load<u32>(stack, 4);
  frame.cs = load<u32>(stack, 8);
  frame.flags = flags | INTERRUPT_FLAG;
  frame.esp = toUser ? load<u32>(stack, 16) : <u32>stack + SAME_RING;
  frame.ss = toUser ? load<u32>(stack, 20) : SELECTOR_KERNEL_DATA_RING1;
  sharedPage().virtualInterruptFlag = flags & INTERRUPT_FLAG;
  return load<i32>(stack);
}

/** Pseudo-physical addresses are machine addresses here. */
function loadSpace(frame: VmmFrame): i32 {
  writeCr3(frame.ebx);
  return 0;
}
function flushPage(frame: VmmFrame): i32 {
  invalidatePage(<usize>frame.ebx);
  return 0;
}
function flushSpace(frame: VmmFrame): i32 {
  writeCr3(readCr3());
  return 0;
}

/** Tables are named by their read-only address and written in the window, which ring 1 does not reach. */
function put(entry: u32, value: u32): void {
  store<u32>(<usize>entry + TABLE_DELTA, value);
}

function setEntry(frame: VmmFrame): i32 {
  put(frame.ebx, frame.ecx);
  return 0;
}
function exchangeEntry(frame: VmmFrame): i32 {
  frame.edx = load<u32>(<usize>frame.ebx);
  put(frame.ebx, frame.ecx);
  return 0;
}
function updateEntries(frame: VmmFrame): i32 {
  for (let index: u32 = 0; index < frame.ecx; index++) {
    const update = changetype<EntryUpdate>(<usize>(frame.ebx + (index << 3)));
    put(update.entry, update.value);
  }
  return 0;
}
function clearEntries(frame: VmmFrame): i32 {
  memory.fill(<usize>frame.ebx + TABLE_DELTA, 0, <usize>frame.ecx << 2);
  return 0;
}
function forkEntries(frame: VmmFrame): i32 {
  for (let offset: u32 = 0; offset < frame.edx << 2; offset += 4) {
    let value = load<u32>(<usize>(frame.ecx + offset));
    if ((value & (PAGE_PRESENT | PAGE_WRITABLE | PAGE_SHARED)) == (PAGE_PRESENT | PAGE_WRITABLE)) {
      value = (value & ~PAGE_WRITABLE) | PAGE_COPY_ON_WRITE;
      put(frame.ecx + offset, value);
    }
    if (value != 0) put(frame.ebx + offset, value);
  }
  return 0;
}
function prepareDirectory(frame: VmmFrame): i32 {
  const directory = <usize>frame.ebx + TABLE_DELTA;
  memory.fill(directory, 0, USER_HALF);
  memory.copy(directory + USER_HALF, DIRECT_MAP_BASE + <usize>kernelRecord().masterDirectory + USER_HALF, PAGE_SIZE - USER_HALF);
  return 0;
}

function setKernelStack(frame: VmmFrame): i32 {
  taskState().esp1 = frame.ebx;
  return 0;
}
function setThreadDescriptor(frame: VmmFrame): i32 {
  setTls(frame.ebx, frame.ecx, frame.edx);
  return 0;
}
/** The virtual body has noted the table in the record. */
function loadTraps(frame: VmmFrame): i32 {
  openSystemCall();
  return 0;
}

function readPort(frame: VmmFrame): i32 {
  if (frame.ecx == 8) return <i32>in8(frame.ebx);
  return <i32>(frame.ecx == 16 ? in16(frame.ebx) : in32(frame.ebx));
}
function writePort(frame: VmmFrame): i32 {
  if (frame.ecx == 8) out8(frame.ebx, frame.edx);
  else if (frame.ecx == 16) out16(frame.ebx, frame.edx);
  else out32(frame.ebx, frame.edx);
  return 0;
}
function mask(frame: VmmFrame): i32 {
  maskLine(frame.ebx, true);
  return 0;
}
function unmask(frame: VmmFrame): i32 {
  maskLine(frame.ebx, false);
  return 0;
}
function acknowledge(frame: VmmFrame): i32 {
  acknowledgeLine(frame.ebx);
  return 0;
}
