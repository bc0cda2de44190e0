import { SITE_RECORD_SIZE, SiteRecord } from "@mercury/abi/metal";
import { refuse } from "./tables/refusal";
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

/** Offset of a form's two words in a record. */
function wordsOf(form: u32): usize {
  return form == FORM_NATIVE ? offsetof<SiteRecord>("nativeHead") : offsetof<SiteRecord>("virtualHead");
}

// The two loops below are most of what a switch executes: one test at the end, no counter beside the record's address.

/** 0, or one plus the number of the first site that does not hold the bytes of a form. */
export function siteModified(form: u32): u32 {
  if (siteCount == 0) return 0;
  const words = wordsOf(form);
  const end = <usize>(siteTable + siteCount * SITE_RECORD_SIZE);
  let at = <usize>siteTable;
  do {
    const address = load<u32>(at);
    const tail = address + changetype<SiteRecord>(at).length;
    if (load<u32>(address) != load<u32>(at + words)) break;
    if (load<u32>(tail - WORD) != load<u32>(at + words + WORD)) break;
    at += SITE_RECORD_SIZE;
  } while (at < end);
  if (at == end) return 0;
  refuse(0, load<u32>(at));
  return (<u32>at - siteTable) / SITE_RECORD_SIZE + 1;
}

/**
 * Writes a form into every site, through the direct map. One CPU, interrupts off, and the IRET behind the switch serialises (SDM 3A 8.1.3),
 * so no site is executed half written.
 */
export function patchSites(form: u32): void {
  if (siteCount == 0) return;
  const words = wordsOf(form);
  const end = <usize>(siteTable + siteCount * SITE_RECORD_SIZE);
  let at = <usize>siteTable;
  do {
    const address = load<u32>(at);
    store<u32>(address, load<u32>(at + words));
    store<u32>(address + changetype<SiteRecord>(at).length - WORD, load<u32>(at + words + WORD));
    at += SITE_RECORD_SIZE;
  } while (at < end);
}
