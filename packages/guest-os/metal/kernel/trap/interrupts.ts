import { acknowledgeLine, disableInterrupts, restoreFlags, saveFlags, unmaskLine } from "mercury:vo";
import { TrapFrame } from "./frame";

/** Handlers of the sixteen interrupt lines. */

/** Function-table index of each line's handler, `(frame: TrapFrame): void`, which acknowledges the line itself; 0: none. */
const handlers: usize = memory.data(16 << 2, 4);

let depth: u32 = 0;

/** Interrupt handlers that are under way, one inside the other. */
export function interruptDepth(): u32 {
  return depth;
}

/** Installs a line's handler; `handler` is a function's index. The line is unmasked when `enable` is set. */
export function setInterruptHandler(line: u32, handler: u32, enable: bool): void {
  const flags = saveFlags();
  disableInterrupts();
  store<u32>(handlers + (line << 2), handler);
  if (enable) unmaskLine(line);
  restoreFlags(flags);
}

/** Runs the handler of a line. Interrupts are off, but where the handler takes them. */
export function interrupt(frame: TrapFrame, line: u32): void {
  depth++;
  const handler = load<u32>(handlers + (line << 2));
  if (handler != 0) call_indirect<void>(handler, frame);
  else refuse(line);
  depth--;
}

function refuse(line: u32): void {
  // Lines 7 and 15 without a device are the controllers' spurious interrupts, which take no end of interrupt (8259A data sheet).
  if ((line & 7) != 7) acknowledgeLine(line);
}
