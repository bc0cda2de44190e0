import {
  REASON_ALREADY_THERE, REASON_BUSY, REASON_INTERRUPT_IN_SERVICE, REASON_NONE, REASON_SEAL_BROKEN, REASON_SITE_MODIFIED, STEP_CHECK,
  STEP_DESCRIPTORS, STEP_ENTER, STEP_INTERRUPTS, STEP_MEMORY, STEP_PROCESSOR, STEP_RELOAD, STEP_SITES, TARGET_AUDIT, TARGET_NATIVE, TARGET_VIRTUAL,
} from "@mercury/abi/metal";
import {
  adoptDescriptors, adoptInterrupts, adoptMemory, adoptProcessor, adoptable, audit, enterNative, enterVirtual, isActive, linesInService, patchSites,
  releasable, releaseDescriptors, releaseInterrupts, releaseProcessor, sealIntact, siteModified,
} from "mercury:vmm";
import { commitMemory, prepareMemory } from "./strategies";
import { beginReport, finishReport, stamp } from "./report";
import { sharedPage } from "./shared";

/** In the result of a detach: lines wait for the kernel to raise them (abi/docs/kernel-and-vmm.md, "Interrupts"). */
const LINES_PENDING: i32 = 0x100;

/** A machine check or an NMI may come in the middle and ask for another switch. */
let locked: bool = false;

/** The dedicated interrupt, on the VMM's stack, interrupts off. `frame` is the caller's (abi: vmmFrame); the result goes back in its EAX. */
export function switchTo(frame: u32, target: u32): i32 {
  if (target == TARGET_AUDIT) return audit(frame);
  beginReport();
  if (isActive() == (target != TARGET_NATIVE)) return finishReport(target, REASON_ALREADY_THERE);
  if (locked) return finishReport(target, REASON_BUSY);
  locked = true;
  stamp(STEP_ENTER);
  const result = target == TARGET_NATIVE ? detach(frame) : attach(frame);
  locked = false;
  return result;
}

/** Everything that can refuse comes before the first change that the kernel could see. */
function attach(frame: u32): i32 {
  const reason = prepareAttach();
  stamp(STEP_CHECK);
  if (reason != REASON_NONE) return finishReport(TARGET_VIRTUAL, reason);
  commitMemory();
  adoptMemory();
  stamp(STEP_MEMORY);
  adoptDescriptors();
  stamp(STEP_DESCRIPTORS);
  adoptInterrupts();
  stamp(STEP_INTERRUPTS);
  adoptProcessor();
  stamp(STEP_PROCESSOR);
  patchSites(TARGET_VIRTUAL);
  stamp(STEP_SITES);
  enterVirtual(frame);
  stamp(STEP_RELOAD);
  return finishReport(TARGET_VIRTUAL, REASON_NONE);
}

function prepareAttach(): u32 {
  if (linesInService() != 0) return REASON_INTERRUPT_IN_SERVICE;
  if (!sealIntact()) return REASON_SEAL_BROKEN;
  if (siteModified(TARGET_NATIVE) != 0) return REASON_SITE_MODIFIED;
  return adoptable() || prepareMemory();
}

function detach(frame: u32): i32 {
  const reason = releasable() || (linesInService() == 0 ? REASON_NONE : REASON_INTERRUPT_IN_SERVICE);
  stamp(STEP_CHECK);
  if (reason != REASON_NONE) return finishReport(TARGET_NATIVE, reason);
  patchSites(TARGET_NATIVE);
  stamp(STEP_SITES);
  releaseProcessor();
  stamp(STEP_PROCESSOR);
  releaseInterrupts();
  stamp(STEP_INTERRUPTS);
  releaseDescriptors();
  stamp(STEP_DESCRIPTORS);
  enterNative(frame);
  stamp(STEP_RELOAD);
  const result = finishReport(TARGET_NATIVE, REASON_NONE);
  return sharedPage().pendingEvents != 0 ? LINES_PENDING : result;
}
