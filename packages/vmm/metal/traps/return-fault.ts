import { SELECTOR_USER_CODE, VMM_FRAME_EIP, VmmFrame } from "@mercury/abi/metal";
import { cstr } from "@mercury/toolchain/metal";
import { endDomain } from "../console/end";
import { isInFlagThunk } from "../events/thunks";
import { isOwnData } from "../frames/chunks";
import { guestReturnFlags } from "./flags";
import { forward, isFromUser } from "./forward";

/**
 * Returns to user mode that IRETD refuses: the program had a thread-local selector in SS, and its descriptor is gone. Whoever made the
 * return, the kernel's thunk or the VMM, the fault is the program's: the kernel gets it as one from user mode, at the place of return.
 */

/** Leaves through a frame (stubs/entry.ts). */
// @ts-ignore: decorator
@external("asm", "vmm_resume") export declare function resume(frame: usize): void;

/** IRET (SDM 2A). */
const IRET: u32 = 0xcf;
/** eip, cs, eflags: what an entry from ring 0 has and one with a change of ring has too. */
const SAME_RING: usize = 12;
/** eip, cs, eflags, esp, ss. */
const OTHER_RING: u32 = 20;

/** A fault of the return thunk's last instruction: the frame becomes the one that it was to take. False for any other fault. */
export function takeThunkReturn(frame: VmmFrame): bool {
  if (!isInFlagThunk(frame.eip) || load<u8>(<usize>frame.eip) != IRET) return false;
  const at = <usize>frame.esp;
  if (!isOwnData(<u32>at, OTHER_RING) || load<u32>(at, 4) != SELECTOR_USER_CODE) return false;
  frame.eip = load<u32>(at);
  frame.cs = SELECTOR_USER_CODE;
  frame.flags = guestReturnFlags(load<u32>(at, 8));
  frame.esp = load<u32>(at, 12);
  frame.ss = load<u32>(at, 16);
  return true;
}

/**
 * A fault of the VMM's own exit. The fault's frame lies right below the five words that IRETD refused, and the registers that it saved are
 * already the guest's: moved up, the two make one frame. Does not return.
 */
export function ownReturnFault(fault: VmmFrame): void {
  const vector = fault.vector;
  const error = fault.error;
  const at = changetype<usize>(fault) + SAME_RING;
  memory.copy(at, changetype<usize>(fault), VMM_FRAME_EIP);
  const frame = changetype<VmmFrame>(at);
  if (!isFromUser(frame)) return endDomain(cstr`the frame to return to is not legal`, frame);
  forward(frame, vector, true, error);
  resume(at);
}
