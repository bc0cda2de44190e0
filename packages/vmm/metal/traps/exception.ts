import {
  VECTOR_BREAKPOINT, VECTOR_GENERAL_PROTECTION, VECTOR_MACHINE_CHECK, VECTOR_NMI, VECTOR_OVERFLOW,
  VECTOR_PAGE_FAULT, VMM_FRAME_ESP, VmmFrame,
} from "@mercury/abi/metal";
import { cstr } from "@mercury/toolchain/metal";
import { failSelf, failWithout } from "../console/end";
import { print } from "../console/log";
import { taskState } from "../descriptors/task-state";
import { stats } from "../domains/first";
import { deliverPending } from "../events/deliver";
import { exitDs, exitEs, exitReturn } from "../symbols";
import { emulate } from "./emulate";
import { pageFault } from "./fault";
import { forward, isFromUser } from "./forward";
import { handlerOf } from "./handlers";
import { ownReturnFault, takeThunkReturn } from "./return-fault";

/** Exceptions with an error code (SDM 3A 6.15): 8, 10 to 14 and 17. */
const WITH_ERROR: u32 = (1 << 8) | (0x1f << 10) | (1 << 17);

/** Every exception while the VMM is active (stubs/entry.ts). */
export function handleException(at: usize): void {
  const frame = changetype<VmmFrame>(at);
  if ((frame.cs & 3) == 0) return ownException(frame);
  switch (frame.vector) {
    case VECTOR_PAGE_FAULT:
      return pageFault(frame);
    case VECTOR_GENERAL_PROTECTION:
      if (!isFromUser(frame) && emulate(frame)) return deliverPending(frame);
      break;
    case VECTOR_NMI:
      return print(cstr`vmm: NMI\n`);
    case VECTOR_MACHINE_CHECK:
      return failSelf(cstr`machine check`, frame);
    default:
      break;
  }
  forwardException(frame);
}

/** INT 3 and INTO reach their gates from ring 3; where the kernel's own gate would not let them, natively #GP names the gate (SDM 2A INT n). */
function forwardException(frame: VmmFrame): void {
  const vector = frame.vector;
  stats().forwardedFaults++;
  if (!isFromUser(frame)) takeThunkReturn(frame);
  if ((vector == VECTOR_BREAKPOINT || vector == VECTOR_OVERFLOW) && isFromUser(frame) && handlerOf(vector).privilege != 3) {
    return forward(frame, VECTOR_GENERAL_PROTECTION, true, (vector << 3) | 2);
  }
  forward(frame, vector, ((WITH_ERROR >> vector) & 1) != 0, frame.error);
}

/**
 * A fault in ring 0. On the way out the segment loads and IRETD meet what the guest left: a selector that is no good any more becomes null
 * (as IRET makes it, SDM 2A), a refused frame is the guest's fault. Anything else is the VMM's own.
 */
function ownException(frame: VmmFrame): void {
  // First of all: one may come at any instruction, also at those that are judged by their address below.
  if (frame.vector == VECTOR_NMI) return print(cstr`vmm: NMI\n`);
  const eip = <usize>frame.eip;
  // Without a change of ring the frame ends with the flags, and the word that was being popped follows.
  const stack = changetype<usize>(frame) + <usize>VMM_FRAME_ESP;
  if (eip == exitEs() || eip == exitDs()) {
    store<u32>(stack, 0);
    return;
  }
  if (eip == exitReturn()) return ownReturnFault(frame);
  failSelf(cstr`exception in ring 0`, frame);
}

/** In the double-fault task, which starts with nothing but the error code (SDM 3A 6.15, vector 8). */
export function handleDoubleFault(error: u32): void {
  failWithout(cstr`double fault`, taskState().eip, taskState().esp);
}
