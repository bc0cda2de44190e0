import { SITE_RECORD_SIZE, SiteRecord } from "@mercury/abi/metal";
import { kernelRecord } from "./domain";

/** A body is two words that overlap: its first four bytes and its last four (abi: siteRecord). */
const WORD: u32 = 4;

function site(number: u32): SiteRecord {
  return changetype<SiteRecord>(<usize>(kernelRecord().siteTable + number * SITE_RECORD_SIZE));
}

/** 0, or one plus the number of the first site that does not hold a form. */
export function siteModified(form: u32): u32 {
  for (let number: u32 = 0; number < kernelRecord().siteCount; number++) {
    const at = site(number);
    const tail = <usize>(at.address + at.length - WORD);
    if (load<u32>(<usize>at.address) != (form == 0 ? at.nativeHead : at.virtualHead)) return number + 1;
    if (load<u32>(tail) != (form == 0 ? at.nativeTail : at.virtualTail)) return number + 1;
  }
  return 0;
}

/** One CPU, interrupts off: no site is executed half written, and the IRET that follows serialises (SDM 3A 8.1.3). */
export function patchSites(form: u32): void {
  for (let number: u32 = 0; number < kernelRecord().siteCount; number++) {
    const at = site(number);
    store<u32>(<usize>at.address, form == 0 ? at.nativeHead : at.virtualHead);
    store<u32>(<usize>(at.address + at.length - WORD), form == 0 ? at.nativeTail : at.virtualTail);
  }
}
