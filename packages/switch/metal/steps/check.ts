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

/** The same on the way back; the VMM is at work and needs no seal. */
export function checkDetach(): u32 {
  if (linesInService() != 0) return REASON_INTERRUPT_IN_SERVICE;
  return siteModified(1) == 0 ? REASON_NONE : REASON_SITE_MODIFIED;
}
