import { VmmFrame } from "@mercury/abi/metal";
import { disableInterrupts, enableAndHalt } from "@mercury/toolchain/metal";
import { pendingLines } from "../events/lines";
import { INTERRUPT_FLAG, setVirtualFlag } from "../events/virtual-flag";

/** What is pending is delivered at the hypercall's exit (dispatch.ts). */
export function deliverEvents(frame: VmmFrame): i32 {
  setVirtualFlag(INTERRUPT_FLAG);
  return 0;
}

/** Waits in ring 0 with interrupts on; handleInterrupt only notes the line then. */
export function idle(frame: VmmFrame): i32 {
  setVirtualFlag(INTERRUPT_FLAG);
  while (pendingLines() == 0) {
    enableAndHalt();
    disableInterrupts();
  }
  return 0;
}
