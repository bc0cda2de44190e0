import { acknowledgeLine, disableInterrupts, restoreFlags, saveFlags, unmaskLine } from "mercury:vo";
import { LINE_CASCADE } from "@mercury/abi/metal";
import { TrapFrame } from "./frame";

/** Handlers of the sixteen interrupt lines. */

const FIRST_SPURIOUS: u32 = 7;
const SECOND_SPURIOUS: u32 = 15;

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

/**
 * A line without a handler. Lines without a device are masked, so what arrives on 7 and 15 is a controller's spurious interrupt: it is not in service
 * and takes no end of interrupt, but the first controller has the second's line in service (8259A data sheet, "spurious").
 */
function refuse(line: u32): void {
  if (line == SECOND_SPURIOUS) acknowledgeLine(LINE_CASCADE);
  else if (line != FIRST_SPURIOUS) acknowledgeLine(line);
}
