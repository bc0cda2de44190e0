import {
  REASON_INTERRUPT_IN_SERVICE, REASON_NONE, REASON_SEAL_BROKEN, REASON_SITE_MODIFIED,
} from "@mercury/abi/metal";
import { linesInService, sealIntact, siteModified } from "mercury:vmm";

/** Whether the dormant VMM and the kernel's sites are as they should be, and no interrupt is half handled. */
export function checkAttach(): u32 {
  if (linesInService() != 0) return REASON_INTERRUPT_IN_SERVICE;
  if (!sealIntact()) return REASON_SEAL_BROKEN;
  return siteModified(0) == 0 ? REASON_NONE : REASON_SITE_MODIFIED;
}

/** On the way back the VMM is at work and needs no seal, and whatever the sites hold, they get their native bytes. */
export function checkDetach(): u32 {
  return linesInService() == 0 ? REASON_NONE : REASON_INTERRUPT_IN_SERVICE;
}
