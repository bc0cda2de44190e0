import {
  ENOEXEC, ENOMEM, EINVAL, INTERFACE_VERSION, KernelRecord, PAGE_SIZE, PAGE_WRITABLE, VMM_BASE,
} from "@mercury/abi/metal";
import { readCr3 } from "@mercury/toolchain/metal";
import { buildGdt } from "./descriptors/gdt";
import { buildTaskStates } from "./descriptors/task-state";
import { copyFacts, reserveSize, siteCount, zoneFrames } from "./domains/facts";
import { setKernelRecord, stats } from "./domains/first";
import { buildChunks } from "./frames/chunks";
import { MAXIMUM_FRAMES } from "./frames/records";
import { examineProcessor } from "./processor";
import { takeSeal } from "./seal";
import { sitesWellFormed } from "./sites";
import { constantsPage, imageEnd, imageTextEnd } from "./symbols";
import { loadDirectoryAfresh } from "./tables/flush";
import { buildLanding } from "./tables/landing";
import { buildGates } from "./traps/idt";

/** kernelRecord.magic: 'MCRK' */
const RECORD_MAGIC: u32 = 0x4b52434d;

/**
 * Called once at boot, in ring 0, on the kernel's stack: builds every table that attach will need, so that attach allocates nothing, and
 * leaves the VMM dormant. 0 or an errno.
 */
export function warmup(recordAddress: u32): u32 {
  const record = changetype<KernelRecord>(<usize>recordAddress);
  if (record.magic != RECORD_MAGIC || record.interfaceVersion != INTERFACE_VERSION) return ENOEXEC;
  setKernelRecord(<usize>recordAddress);
  copyFacts(record);
  if (zoneFrames > MAXIMUM_FRAMES || imageEnd() > ownLeafTable()) return ENOMEM;
  if (!sitesWellFormed()) return EINVAL;
  examineProcessor();
  buildChunks();
  buildLanding();
  buildGdt();
  buildTaskStates();
  buildGates();
  protectConstants();
  takeSeal();
  stats().sites = siteCount;
  return 0;
}

/** The leaf table that maps the VMM is the last frame of its reserve (abi/docs/kernel-and-vmm.md, "Boot path"). */
function ownLeafTable(): usize {
  return VMM_BASE + <usize>reserveSize - PAGE_SIZE;
}

function makeReadOnly(page: usize): void {
  const at = ownLeafTable() + (((page - VMM_BASE) >> 12) << 2);
  store<u32>(at, load<u32>(at) & ~PAGE_WRITABLE);
}

/** Text, gates and chunk map read-only, for ring 0 as well (CR0.WP). */
function protectConstants(): void {
  for (let page = VMM_BASE; page < imageTextEnd(); page += PAGE_SIZE) makeReadOnly(page);
  makeReadOnly(constantsPage());
  loadDirectoryAfresh(readCr3());
}
