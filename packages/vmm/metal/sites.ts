import { SITE_RECORD_SIZE, SiteRecord } from "@mercury/abi/metal";
import { siteCount, siteTable, textEnd, textStart } from "./domains/facts";

/** Forms of a site, as sharedPage.mode counts. */
export const FORM_NATIVE: u32 = 0;
export const FORM_VIRTUAL: u32 = 1;

/** A body is two words that overlap, so a site has 4 to 8 bytes (abi: siteRecord). */
const WORD: u32 = 4;

function site(number: u32): SiteRecord {
  return changetype<SiteRecord>(<usize>(siteTable + number * SITE_RECORD_SIZE));
}

/** Whether every site lies in the kernel's text and can be written as two words. Once, at warm-up: the table is constant data. */
export function sitesWellFormed(): bool {
  for (let number: u32 = 0; number < siteCount; number++) {
    const at = site(number);
    if (at.length < WORD || at.length > 2 * WORD) return false;
    if (at.address < textStart || at.address + at.length > textEnd) return false;
  }
  return true;
}

/** 0, or one plus the number of the first site that does not hold the bytes of a form. */
export function siteModified(form: u32): u32 {
  const words = form == FORM_NATIVE ? offsetof<SiteRecord>("nativeHead") : offsetof<SiteRecord>("virtualHead");
  for (let number: u32 = 0, at = <usize>siteTable; number < siteCount; number++, at += SITE_RECORD_SIZE) {
    const entry = changetype<SiteRecord>(at);
    const address = <usize>entry.address;
    if (load<u32>(address) != load<u32>(at + words)) return number + 1;
    if (load<u32>(address + entry.length - WORD) != load<u32>(at + words + WORD)) return number + 1;
  }
  return 0;
}

/**
 * Writes a form into every site, through the direct map. One CPU, interrupts off, and the IRET behind the switch serialises (SDM 3A 8.1.3),
 * so no site is executed half written.
 */
export function patchSites(form: u32): void {
  const words = form == FORM_NATIVE ? offsetof<SiteRecord>("nativeHead") : offsetof<SiteRecord>("virtualHead");
  for (let at = <usize>siteTable, end = at + <usize>(siteCount * SITE_RECORD_SIZE); at < end; at += SITE_RECORD_SIZE) {
    const entry = changetype<SiteRecord>(at);
    const address = <usize>entry.address;
    store<u32>(address, load<u32>(at + words));
    store<u32>(address + entry.length - WORD, load<u32>(at + words + WORD));
  }
}
