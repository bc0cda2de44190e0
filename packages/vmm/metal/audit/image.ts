import { FINDING_SITE, FINDING_VMM_MAPPING, KernelRecord, PAGE_PRESENT, PAGE_SIZE, PAGE_USER, PAGE_WRITABLE, SITE_RECORD_SIZE, SiteRecord, VMM_BASE } from "@mercury/abi/metal";
import { constantsPage, imageTextEnd } from "../symbols";
import { agrees, differs } from "./finding";

/** Every site holds the body of the mode. */
export function sitesAgree(record: KernelRecord, virtual: bool): bool {
  for (let index: u32 = 0; index < record.siteCount; index++) {
    const site = changetype<SiteRecord>(<usize>(record.siteTable + index * SITE_RECORD_SIZE));
    const head = virtual ? site.virtualHead : site.nativeHead;
    const tail = virtual ? site.virtualTail : site.nativeTail;
    const at = <usize>site.address;
    if (!agrees(FINDING_SITE, site.address, head, load<u32>(at)) || !agrees(FINDING_SITE, site.address, tail, load<u32>(at + site.length - 4))) return false;
  }
  return true;
}

/** The VMM is mapped whole, in order, for the supervisor only; its text, gates and chunk map read-only. */
export function ownMappingAgrees(record: KernelRecord): bool {
  const leaf = VMM_BASE + <usize>record.vmmReserveSize - PAGE_SIZE;
  for (let index: u32 = 0, pages = record.vmmReserveSize >> 12; index < pages; index++) {
    const entry = load<u32>(leaf + <usize>(index << 2));
    const page = VMM_BASE + <usize>(index << 12);
    const constant = page < imageTextEnd() || page == constantsPage();
    if ((entry & PAGE_PRESENT) == 0 || (entry & PAGE_USER) != 0) return differs(FINDING_VMM_MAPPING, <u32>page, PAGE_PRESENT, entry);
    if (!agrees(FINDING_VMM_MAPPING, <u32>page, record.vmmReserve + (index << 12), entry & ~0xfff)) return false;
    if (constant && (entry & PAGE_WRITABLE) != 0) return differs(FINDING_VMM_MAPPING, <u32>page, 0, entry);
  }
  return true;
}
