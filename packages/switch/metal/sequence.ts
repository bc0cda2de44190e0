import {
  REASON_ALREADY_THERE, REASON_BUSY, REASON_NONE, STEP_CHECK, STEP_DESCRIPTORS, STEP_ENTER, STEP_INTERRUPTS, STEP_MEMORY, STEP_PROCESSOR, STEP_RELOAD,
  STEP_REPORT, STEP_SITES, STEP_TIME, TARGET_AUDIT,
} from "@mercury/abi/metal";
import {
  adoptDescriptors, adoptInterrupts, adoptProcessor, adoptable, audit, enterNative, enterVirtual, isActive, patchSites, releasable, releaseDescriptors,
  releaseInterrupts, releaseProcessor,
} from "mercury:vmm";
import { injected } from "./inject";
import { sharedPage } from "./memory";
import { TO_NATIVE, TO_VIRTUAL, beginReport, finishReport, stamp } from "./report";
import { checkAttach, checkDetach } from "./steps/check";
import { commitMemory, prepareMemory } from "./steps/memory";

/** sharedPage.mode, and the forms of the sites. */
const NATIVE: u32 = 0;
const VIRTUAL: u32 = 1;
/** In the result of a detach: lines wait in sharedPage.pendingEvents for the kernel to replay. */
const LINES_PENDING: i32 = 0x100;

/** A switch is under way: one that starts inside it (by a machine check, an NMI) is refused. */
let locked: bool = false;

/**
 * The dedicated interrupt (vmm/stubs/switch.ts): EAX of the caller is `target`, the result goes back there. `frame` is the caller's
 * (abi: vmmFrame); after a success it names the other ring. Interrupts are off, the VMM's stack is in use.
 */
export function switchTo(frame: u32, target: u32): i32 {
  if (target == TARGET_AUDIT) return audit(frame);
  const direction = target == NATIVE ? TO_NATIVE : TO_VIRTUAL;
  beginReport();
  if (isActive() == (target != NATIVE)) return finishReport(direction, REASON_ALREADY_THERE);
  if (locked) return finishReport(direction, REASON_BUSY);
  locked = true;
  stamp(STEP_ENTER);
  const result = target == NATIVE ? detach(frame) : attach(frame);
  locked = false;
  return result;
}

/** Native to virtual. Up to the first commit nothing shows outside the VMM, so a refusal has nothing to take back. From there on nothing can fail. */
function attach(frame: u32): i32 {
  const reason = prepareAttach();
  stamp(STEP_CHECK);
  if (reason != REASON_NONE) return finishReport(TO_VIRTUAL, reason);
  commitMemory();
  stamp(STEP_MEMORY);
  adoptDescriptors();
  stamp(STEP_DESCRIPTORS);
  adoptInterrupts();
  stamp(STEP_INTERRUPTS);
  // The clock record serves both modes: there is nothing to do for it.
  stamp(STEP_TIME);
  adoptProcessor();
  stamp(STEP_PROCESSOR);
  patchSites(VIRTUAL);
  stamp(STEP_SITES);
  enterVirtual(frame);
  stamp(STEP_RELOAD);
  return finishReport(TO_VIRTUAL, REASON_NONE);
}

/** Every step's `prepare`, in order: the first reason wins. A fault point stands in front of each. */
function prepareAttach(): u32 {
  return injected(STEP_ENTER) || injected(STEP_CHECK) || checkAttach() || injected(STEP_MEMORY) || prepareMemory() || injected(STEP_DESCRIPTORS) || adoptable()
    || preparedByCheck();
}

/** Virtual to native: the mirror image. */
function detach(frame: u32): i32 {
  const reason = prepareDetach();
  stamp(STEP_CHECK);
  if (reason != REASON_NONE) return finishReport(TO_NATIVE, reason);
  patchSites(NATIVE);
  stamp(STEP_SITES);
  releaseProcessor();
  stamp(STEP_PROCESSOR);
  stamp(STEP_TIME);
  releaseInterrupts();
  stamp(STEP_INTERRUPTS);
  releaseDescriptors();
  stamp(STEP_DESCRIPTORS);
  enterNative(frame);
  stamp(STEP_RELOAD);
  const result = finishReport(TO_NATIVE, REASON_NONE);
  return sharedPage().pendingEvents != 0 ? LINES_PENDING : result;
}

function prepareDetach(): u32 {
  return injected(STEP_ENTER) || injected(STEP_CHECK) || releasable() || checkDetach() || injected(STEP_MEMORY) || injected(STEP_DESCRIPTORS) || preparedByCheck();
}

/** Steps whose `prepare` the check has done already: only their fault points are left. */
function preparedByCheck(): u32 {
  return injected(STEP_INTERRUPTS) || injected(STEP_TIME) || injected(STEP_PROCESSOR) || injected(STEP_SITES) || injected(STEP_RELOAD)
    || injected(STEP_REPORT);
}
