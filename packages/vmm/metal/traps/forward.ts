import { SELECTOR_KERNEL_CODE_RING1, SELECTOR_KERNEL_DATA_RING1, VmmFrame } from "@mercury/abi/metal";
import { cstr } from "@mercury/toolchain/metal";
import { endDomain } from "../console/end";
import { taskState } from "../descriptors/task-state";
import { INTERRUPT_FLAG, setVirtualFlag, virtualFlag } from "../events/virtual-flag";
import { isOwnData } from "../frames/chunks";
import { handlerOf } from "./handlers";

/** Flags that the processor clears when it enters a handler: TF, NT, RF, VM (SDM 3A 6.12.1.2). */
const ENTRY_CLEARS: u32 = 0x100 | 0x4000 | 0x10000 | 0x20000;
/** Most bytes that a frame takes: error code, eip, cs, eflags, esp, ss. */
const FRAME_SIZE: u32 = 24;

export function isFromUser(frame: VmmFrame): bool {
  return (frame.cs & 3) == 3;
}

/** The guest's EFLAGS as natively: IF is the virtual one. */
export function guestFlags(frame: VmmFrame): u32 {
  return (frame.flags & ~INTERRUPT_FLAG) | virtualFlag();
}

/**
 * Makes the guest go on in the kernel's handler of a vector, with the frame on the kernel's stack that the processor would have pushed
 * natively (abi/docs/kernel-and-vmm.md, "Traps").
 */
export function forward(frame: VmmFrame, vector: u32, hasError: bool, error: u32): void {
  const entry = handlerOf(vector);
  if (entry.handler == 0) return endDomain(cstr`a trap has no handler`, frame);
  const top = isFromUser(frame) ? taskState().esp1 : frame.esp;
  if (!isOwnData(top - FRAME_SIZE, FRAME_SIZE)) return endDomain(cstr`the kernel stack does not lie in the domain's data`, frame);
  frame.esp = pushFrame(frame, top, hasError, error);
  frame.ss = SELECTOR_KERNEL_DATA_RING1;
  frame.eip = entry.handler;
  frame.cs = SELECTOR_KERNEL_CODE_RING1;
  frame.flags &= ~ENTRY_CLEARS;
  if (entry.keepsInterrupts == 0) setVirtualFlag(0);
}

/** The new stack pointer. */
function pushFrame(frame: VmmFrame, top: u32, hasError: bool, error: u32): u32 {
  if (isFromUser(frame)) {
    top = push(top, frame.ss);
    top = push(top, frame.esp);
  }
  top = push(top, guestFlags(frame));
  top = push(top, frame.cs);
  top = push(top, frame.eip);
  return hasError ? push(top, error) : top;
}

function push(top: u32, value: u32): u32 {
  store<u32>(<usize>(top - 4), value);
  return top - 4;
}
