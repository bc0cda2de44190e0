import {
  REASON_BAD_DESCRIPTOR, REASON_BAD_TABLE, REASON_INTERRUPT_IN_SERVICE, REASON_NONE, REASON_SITE_MODIFIED, STEP_ENTER, STEP_REPORT,
  SHARED_PAGE, SHARED_PAGE_REPORT, SWITCH_REPORT_STEPS, reasonErrno,
} from "@mercury/abi/metal";
import { readTimeStamp } from "@mercury/toolchain/metal";
import { failureDetail, framesScanned, strategy, tablesValidated } from "mercury:vmm";
import { report, stats } from "./memory";

/** Time stamps of the first step's start and of the last step's end. */
let started: u64 = 0;
let last: u64 = 0;

const STEPS: usize = SHARED_PAGE + <usize>(SHARED_PAGE_REPORT + SWITCH_REPORT_STEPS);

/** A switch begins: everything from here to the first `stamp` is step `enter`. */
export function beginReport(): void {
  started = readTimeStamp();
  last = started;
  for (let step = STEP_ENTER; step <= STEP_REPORT; step++) store<u64>(STEPS + <usize>(step << 3), 0);
}

/** The step has ended: its ticks are those since the step before. */
export function stamp(step: u32): void {
  const now = readTimeStamp();
  store<u64>(STEPS + <usize>(step << 3), now - last);
  last = now;
}

/** Writes the report and counts; the result for the caller: 0 or a negated errno. Ticks with interrupts off: the kernel has them off before and after. */
export function finishReport(direction: u32, reason: u32): i32 {
  const result = reason == REASON_NONE ? 0 : -reasonErrno(reason);
  const at = report();
  at.direction = direction;
  at.result = result;
  at.reason = reason;
  at.strategy = strategy();
  at.frames = framesScanned();
  at.tables = tablesValidated();
  at.detail = isAbout(reason) ? failureDetail() : 0;
  count(direction, reason);
  stamp(STEP_REPORT);
  at.cycles = last - started;
  at.interruptsOffCycles = at.cycles;
  return result;
}

/** Reasons that are about something: lines, a site's address, a selector or slot, an entry's address. */
function isAbout(reason: u32): bool {
  return reason == REASON_INTERRUPT_IN_SERVICE || reason == REASON_SITE_MODIFIED || reason == REASON_BAD_DESCRIPTOR || reason == REASON_BAD_TABLE;
}

/** switchReport.direction */
export const TO_VIRTUAL: u32 = 1;
export const TO_NATIVE: u32 = 2;

function count(direction: u32, reason: u32): void {
  if (reason != REASON_NONE) stats().failures++;
  else if (direction == TO_VIRTUAL) stats().attaches++;
  else stats().detaches++;
}
