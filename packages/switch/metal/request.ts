import { EAGAIN, ENODEV, KernelRecord, REASON_NO_VMM, TARGET_AUDIT } from "@mercury/abi/metal";
import { pause, switchInterrupt } from "@mercury/toolchain/metal";
import { disableInterrupts, enableInterrupts, restoreFlags, saveFlags } from "mercury:vo";
import { report, sharedPage, stats } from "./memory";

export { strategyCount, strategyName } from "./strategies/names";

// @ts-ignore: decorator
@external("sym", "kernelRecord") export declare function kernelRecordAddress(): usize;
/** Takes a line's interrupt by software (vo/stubs/machine.ts). */
// @ts-ignore: decorator
@external("asm", "raiseVector") export declare function raiseVector(line: u32): void;

/** Attempts before -EAGAIN is the caller's answer: an interrupt in service is handled as soon as interrupts are on for a moment. */
const ATTEMPTS: u32 = 8;
/** In the result of a detach: lines wait in sharedPage.pendingEvents. */
const LINES_PENDING: i32 = 0x100;

/** Goes to mode 0 (native) or 1 (virtual) now; 0 or a negated errno. Interrupts are off during the attempt and as before after it. */
export function requestSwitch(target: u32): i32 {
  const flags = saveFlags();
  disableInterrupts();
  const result = hasVmm() ? attempts(target) : refuseWithout(target);
  restoreFlags(flags);
  return result;
}

/** Has the VMM recount everything, in either mode; the number of the first finding (the rest is in sharedPage.audit), or a negated errno. */
export function requestAudit(): i32 {
  if (!hasVmm()) return -ENODEV;
  const flags = saveFlags();
  disableInterrupts();
  const finding = switchInterrupt(TARGET_AUDIT);
  restoreFlags(flags);
  return finding;
}

function hasVmm(): bool {
  return changetype<KernelRecord>(kernelRecordAddress()).vmmReserve != 0;
}

function refuseWithout(target: u32): i32 {
  report().direction = target == 0 ? 2 : 1;
  report().result = -ENODEV;
  report().reason = REASON_NO_VMM;
  return -ENODEV;
}

function attempts(target: u32): i32 {
  let result = attempt(target);
  for (let retries: u32 = 1; result == -EAGAIN && retries < ATTEMPTS; retries++) {
    stats().retries++;
    enableInterrupts();
    // STI holds interrupts off for one more instruction (SDM 2B STI): this one.
    pause();
    disableInterrupts();
    result = attempt(target);
    report().retries = retries;
  }
  return result;
}

function attempt(target: u32): i32 {
  const result = switchInterrupt(target);
  report().retries = 0;
  if (result != LINES_PENDING) return result;
  replayLines();
  return 0;
}

/**
 * Lines that the VMM had taken and not delivered: raised here, with interrupts off, so that they come before any new interrupt. A handler
 * may itself switch back; what is left then is the VMM's again, which finds it in the shared page.
 */
function replayLines(): void {
  const page = sharedPage();
  while (page.mode == 0 && page.pendingEvents != 0) {
    const line = ctz<u32>(page.pendingEvents);
    page.pendingEvents &= page.pendingEvents - 1;
    raiseVector(line);
  }
}
