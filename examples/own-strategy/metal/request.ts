import { EAGAIN, ENODEV, KernelRecord, REASON_NO_VMM, TARGET_AUDIT, TARGET_NATIVE } from "@mercury/abi/metal";
import { disableInterrupts, enableInterrupts, restoreFlags, saveFlags } from "mercury:vo";
import { report, sharedPage, stats } from "./shared";

export { strategyCount, strategyName } from "./names";

/** INT with the dedicated vector: EAX in and out (an instruction of the metal compiler). */
// @ts-ignore: decorator
@external("x86", "switchInterrupt") export declare function switchInterrupt(target: u32): i32;
// @ts-ignore: decorator
@external("x86", "pause") export declare function pause(): void;
// What every VO layer's stubs define (abi: contracts/vo.ts).
// @ts-ignore: decorator
@external("sym", "kernelRecord") export declare function kernelRecord(): usize;
// @ts-ignore: decorator
@external("asm", "raiseVector") export declare function raiseVector(line: u32): void;

const ATTEMPTS: u32 = 8;
/** In the result of a detach: lines wait in sharedPage.pendingEvents. */
const LINES_PENDING: i32 = 0x100;

export function requestSwitch(target: u32): i32 {
  const flags = saveFlags();
  disableInterrupts();
  const result = hasVmm() ? attempts(target) : refuse(target);
  restoreFlags(flags);
  return result;
}

export function requestAudit(): i32 {
  if (!hasVmm()) return -ENODEV;
  const flags = saveFlags();
  disableInterrupts();
  const finding = switchInterrupt(TARGET_AUDIT);
  restoreFlags(flags);
  return finding;
}

function hasVmm(): bool {
  return changetype<KernelRecord>(kernelRecord()).vmmReserve != 0;
}

function refuse(target: u32): i32 {
  report().direction = target == TARGET_NATIVE ? 2 : 1;
  report().result = -ENODEV;
  report().reason = REASON_NO_VMM;
  return -ENODEV;
}

/** An interrupt in service ends when it is let through for a moment; after some tries the kernel gets its -EAGAIN. */
function attempts(target: u32): i32 {
  let result = attempt(target);
  for (let tries: u32 = 1; result == -EAGAIN && tries < ATTEMPTS; tries++) {
    stats().retries++;
    enableInterrupts();
    // Interrupts are taken only behind the instruction that follows STI (SDM 2B STI).
    pause();
    disableInterrupts();
    result = attempt(target);
    report().retries = tries;
  }
  return result;
}

function attempt(target: u32): i32 {
  const result = switchInterrupt(target);
  report().retries = 0;
  if (result != LINES_PENDING) return result;
  raisePending();
  return 0;
}

/** What the VMM had taken and not delivered, before any new interrupt. A handler may switch back: the rest is the VMM's again. */
function raisePending(): void {
  const page = sharedPage();
  while (page.mode == TARGET_NATIVE && page.pendingEvents != 0) {
    const line = ctz<u32>(page.pendingEvents);
    page.pendingEvents &= page.pendingEvents - 1;
    raiseVector(line);
  }
}
