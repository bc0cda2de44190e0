import { REASON_NONE, SHARED_PAGE, SHARED_PAGE_REPORT, STEP_ENTER, STEP_REPORT, SWITCH_REPORT_STEPS, TARGET_NATIVE, reasonErrno } from "@mercury/abi/metal";
import { failureDetail, framesScanned, strategy, tablesValidated } from "mercury:vmm";
import { report, stats } from "./shared";

/** The time stamp counter (an instruction of the metal compiler). */
// @ts-ignore: decorator
@external("x86", "readTimeStamp") export declare function readTimeStamp(): u64;

const STEPS: usize = SHARED_PAGE + <usize>(SHARED_PAGE_REPORT + SWITCH_REPORT_STEPS);
/** switchReport.direction */
const TO_VIRTUAL: u32 = 1;
const TO_NATIVE: u32 = 2;

let started: u64 = 0;
let last: u64 = 0;

export function beginReport(): void {
  started = readTimeStamp();
  last = started;
  for (let step = STEP_ENTER; step <= STEP_REPORT; step++) store<u64>(STEPS + <usize>(step << 3), 0);
}

/** A step has ended: its ticks are those since the one before. */
export function stamp(step: u32): void {
  const now = readTimeStamp();
  store<u64>(STEPS + <usize>(step << 3), now - last);
  last = now;
}

/** Says how the switch went; the result for the caller: 0 or a negated errno. */
export function finishReport(target: u32, reason: u32): i32 {
  const at = report();
  at.direction = target == TARGET_NATIVE ? TO_NATIVE : TO_VIRTUAL;
  at.reason = reason;
  at.result = reason == REASON_NONE ? 0 : -reasonErrno(reason);
  at.strategy = strategy();
  at.frames = framesScanned();
  at.tables = tablesValidated();
  at.detail = reason == REASON_NONE ? 0 : failureDetail();
  if (reason != REASON_NONE) stats().failures++;
  else if (target == TARGET_NATIVE) stats().detaches++;
  else stats().attaches++;
  stamp(STEP_REPORT);
  at.cycles = last - started;
  // Off before the switch and after it.
  at.interruptsOffCycles = at.cycles;
  return at.result;
}
