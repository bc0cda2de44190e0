import {
  REASON_INTERRUPT_IN_SERVICE, REASON_NONE, REASON_NON_MASKABLE, REASON_SEAL_BROKEN, REASON_SITE_MODIFIED,
} from "@mercury/abi/metal";
import { linesInService, sealIntact, siteModified } from "mercury:vmm";
import { sharedPage } from "../memory";

/** Whether the dormant VMM and the kernel's sites are as they should be, and no interrupt is half handled. */
export function checkAttach(): u32 {
  const reason = interruptUnderWay();
  if (reason != REASON_NONE) return reason;
  if (!sealIntact()) return REASON_SEAL_BROKEN;
  return siteModified(0) == 0 ? REASON_NONE : REASON_SITE_MODIFIED;
}

/** On the way back the VMM is at work and needs no seal, and whatever the sites hold, they get their native bytes. */
export function checkDetach(): u32 {
  return interruptUnderWay();
}

/** Both reasons pass when the handler ends; its frame lies on the kernel's stack until then, and an NMI's must be left by the IRET that lets the next one in (SDM 3A 6.7.1). */
function interruptUnderWay(): u32 {
  if (sharedPage().nonMaskable != 0) return REASON_NON_MASKABLE;
  return linesInService() == 0 ? REASON_NONE : REASON_INTERRUPT_IN_SERVICE;
}
