import {
  FINDING_CONTROL, FINDING_DESCRIPTOR_TABLE, FINDING_MODE, FINDING_SAVED_FRAME, FINDING_TASK_STATE, KernelRecord, SELECTOR_KERNEL_CODE, SELECTOR_KERNEL_CODE_RING1,
  SELECTOR_KERNEL_DATA, SELECTOR_KERNEL_DATA_RING1, SELECTOR_TASK_STATE, SELECTOR_VMM_DATA, SELECTOR_VMM_TASK_STATE, TASK_STATE_SIZE, TaskState, VmmFrame,
} from "@mercury/abi/metal";
import { readCr0, readCr4, readTaskRegister, storeGdt, storeIdt } from "@mercury/toolchain/metal";
import { sharedPage } from "../domains/first";
import { gdtDescriptor, idtDescriptor, stackTop, taskStateAddress } from "../symbols";
import { agrees, differs } from "./finding";
import { isKernelData } from "./recount";

/** CR0.PG, CR0.WP and CR0.PE (SDM 3A 2.5): without WP ring 1 would write through read-only entries. */
const CONTROL0: u32 = 0x80010001;
/** CR4.PGE and CR4.PSE. */
const CONTROL4: u32 = 0x90;
/** EFLAGS.IF, IOPL and VM. */
const FLAG_INTERRUPT: u32 = 0x200;
const FLAGS_FORBIDDEN: u32 = 0x23000;

/** What SGDT or SIDT gave: limit at 2, base at 4, so that the base is aligned. */
const stored: usize = memory.data(8, 8);

export function controlAgrees(): bool {
  return agrees(FINDING_CONTROL, 0, CONTROL0, readCr0() & CONTROL0) && agrees(FINDING_CONTROL, 4, CONTROL4, readCr4() & CONTROL4);
}

/** The mode that the shared page and the VMM believe in is the one whose interrupt table is loaded. */
export function modeAgrees(virtual: bool, believed: bool): bool {
  return agrees(FINDING_MODE, 0, u32(virtual), sharedPage().mode) && agrees(FINDING_MODE, 1, u32(virtual), u32(believed));
}

/** Base of the interrupt table that is loaded. */
export function interruptTable(): usize {
  storeIdt(stored + 2);
  return load<u32>(stored + 4);
}

/** GDTR and IDTR hold what the six-byte operands of LGDT and LIDT of the mode say. */
export function tablesLoaded(record: KernelRecord, virtual: bool): bool {
  storeGdt(stored + 2);
  const gdt: usize = virtual ? gdtDescriptor() : <usize>record.gdtDescriptor;
  if (!operandAgrees(gdt, 0)) return false;
  storeIdt(stored + 2);
  const idt: usize = virtual ? idtDescriptor() : <usize>record.idtDescriptor;
  return operandAgrees(idt, 1);
}

function operandAgrees(operand: usize, which: u32): bool {
  return agrees(FINDING_DESCRIPTOR_TABLE, which, load<u32>(operand + 2), load<u32>(stored + 4)) &&
    agrees(FINDING_DESCRIPTOR_TABLE, which + 2, load<u16>(operand), load<u16>(stored + 2));
}

export function taskStateAgrees(record: KernelRecord, virtual: bool): bool {
  if (!agrees(FINDING_TASK_STATE, 0, virtual ? SELECTOR_VMM_TASK_STATE : SELECTOR_TASK_STATE, readTaskRegister())) return false;
  return virtual ? vmmTaskState(changetype<TaskState>(taskStateAddress())) : nativeTaskState(changetype<TaskState>(<usize>record.taskState));
}

function vmmTaskState(state: TaskState): bool {
  if (!agrees(FINDING_TASK_STATE, 1, <u32>stackTop(), state.esp0) || !agrees(FINDING_TASK_STATE, 2, SELECTOR_VMM_DATA, state.ss0)) return false;
  if (!agrees(FINDING_TASK_STATE, 3, SELECTOR_KERNEL_DATA_RING1, state.ss1)) return false;
  if (state.ioBitmap < TASK_STATE_SIZE) return differs(FINDING_TASK_STATE, 4, TASK_STATE_SIZE, state.ioBitmap);
  return isKernelData(state.esp1 - 4) || differs(FINDING_TASK_STATE, 5, 1, state.esp1);
}

function nativeTaskState(state: TaskState): bool {
  if (!agrees(FINDING_TASK_STATE, 2, SELECTOR_KERNEL_DATA, state.ss0)) return false;
  return isKernelData(state.esp0 - 4) || differs(FINDING_TASK_STATE, 1, 1, state.esp0);
}

/** The frame of the caller itself: the kernel, in the ring of the mode, real interrupts on in ring 1, no I/O privilege. */
export function callerAgrees(frame: VmmFrame, virtual: bool): bool {
  if (!agrees(FINDING_SAVED_FRAME, 0, virtual ? SELECTOR_KERNEL_CODE_RING1 : SELECTOR_KERNEL_CODE, frame.cs & 0xffff)) return false;
  if ((frame.flags & FLAGS_FORBIDDEN) != 0) return differs(FINDING_SAVED_FRAME, 1, 0, frame.flags);
  return !virtual || (frame.flags & FLAG_INTERRUPT) != 0 || differs(FINDING_SAVED_FRAME, 2, FLAG_INTERRUPT, frame.flags);
}
