import { VECTOR_IRQ_BASE, VmmFrame } from "@mercury/abi/metal";
import { stats } from "../domains/first";
import { forward, isFromUser } from "../traps/forward";
import { dismissSpurious } from "./controller";
import { deliverLine, pendingLines, takeLine } from "./lines";
import { flagThunkStart, isBeforeHypercall, isInFlagThunk } from "./thunks";
import { virtualFlag } from "./virtual-flag";

/** A line's interrupt, from ring 1, ring 3 or the VMM's own idle loop (stubs/entry.ts). */
export function handleInterrupt(at: usize): void {
  const frame = changetype<VmmFrame>(at);
  const line = frame.vector - VECTOR_IRQ_BASE;
  if (dismissSpurious(line)) return;
  takeLine(line);
  if ((frame.cs & 3) == 0) return;
  if (isFromUser(frame)) return deliverPending(frame);
  deliverToKernel(frame);
}

/** The kernel was interrupted in the middle of its own code: thunks are restarted or left to reach their hypercall. */
function deliverToKernel(frame: VmmFrame): void {
  if (isInFlagThunk(frame.eip)) {
    stats().eventsHeld++;
    frame.eip = flagThunkStart(frame.eip);
  } else if (isBeforeHypercall(frame.eip)) {
    stats().eventsHeld++;
  } else {
    deliverPending(frame);
  }
}

/** Delivers the lowest pending line, if the kernel takes events: the next comes when its handler enables them again. */
export function deliverPending(frame: VmmFrame): void {
  const lines = pendingLines();
  if (lines == 0) return;
  if (virtualFlag() == 0) {
    stats().eventsHeld++;
    return;
  }
  const line = ctz<u32>(lines);
  deliverLine(line);
  stats().events++;
  forward(frame, VECTOR_IRQ_BASE + line, false, 0);
}
