import {
  GUEST_END, LEAF_AREA_BASE, PAGE_DEFERRED, PAGE_PRESENT, USER_END, VECTOR_PAGE_FAULT, VmmFrame, ZONE_BASE, DIRECT_MAP_BASE,
} from "@mercury/abi/metal";
import { cstr, readCr2 } from "@mercury/toolchain/metal";
import { endDomain } from "../console/end";
import { currentDirectory, landed, sharedPage, stats } from "../domains/first";
import { masterDirectory, zoneFrames } from "../domains/facts";
import { frameOfMachine, linearOf } from "../frames/records";
import { undeferSlot } from "../tables/directory";
import { isLeafAreaSlot, landingSlot, masterSlots, setSlot } from "../tables/landing";
import { hook } from "../tables/leaf";
import { allowTableWrites, forbidTableWrites } from "../tables/protection";
import { hasSpaceToLoad, loadSpace } from "../tables/space";
import { forward } from "./forward";

/** Error code of #PF (SDM 3A 6.15, vector 14): the page was present; the access was a write. */
const PROTECTION: u32 = 1;
const WRITE: u32 = 2;

/**
 * A page fault in ring 1 or 3. What the VMM itself owes, a space or leaf not validated yet, it makes good and the instruction runs again;
 * everything else is the kernel's.
 */
export function pageFault(frame: VmmFrame): void {
  const address = readCr2();
  if ((frame.error & PROTECTION) == 0) {
    const repaired = repair(address);
    if (repaired < 0) return endDomain(cstr`a page table holds an entry that must be refused`, frame);
    if (repaired > 0) return;
  } else if ((frame.error & WRITE) != 0 && isTableAddress(address)) {
    stats().tableWriteFaults++;
  }
  sharedPage().faultAddress = address;
  stats().forwardedFaults++;
  forward(frame, VECTOR_PAGE_FAULT, true, frame.error);
}

function isTableAddress(address: u32): bool {
  return address - <u32>(DIRECT_MAP_BASE + ZONE_BASE) < zoneFrames << 12;
}

/** 1 when the access may be tried again, 0 when the fault is the kernel's, negative when something illegal stands in a table. */
function repair(address: u32): i32 {
  if (address < <u32>USER_END) return repairUser(address);
  if (address >= <u32>LEAF_AREA_BASE && address < <u32>GUEST_END) return repairLeafArea(address >> 22);
  return 0;
}

function repairUser(address: u32): i32 {
  if (hasSpaceToLoad()) {
    const loaded = loadSpace(currentDirectory);
    return loaded < 0 ? loaded : 1;
  }
  if (landed) return 0;
  const at = linearOf(frameOfMachine(currentDirectory)) + <usize>((address >> 22) << 2);
  if ((load<u32>(at) & PAGE_DEFERRED) == 0) return 0;
  allowTableWrites();
  const result = undeferSlot(at);
  forbidTableWrites();
  return result < 0 ? result : 1;
}

/** The leaf area's tables are shared: validated once into the landing directory, from there copied into the others as they miss them. */
function repairLeafArea(slot: u32): i32 {
  let value = landingSlot(slot);
  if ((value & PAGE_PRESENT) == 0) {
    value = load<u32>(masterSlots() + <usize>(slot << 2));
    if (!isLeafAreaSlot(slot) || (value & PAGE_PRESENT) == 0) return 0;
    const result = hook(value & ~0xfff);
    if (result < 0) return result;
    setSlot(slot, value);
    if (landed) return 1;
  } else if (landed) {
    return 0;
  }
  return copyToCurrent(slot, value);
}

/** 0 when the current directory has the slot already, so that the fault has another cause. */
function copyToCurrent(slot: u32, value: u32): i32 {
  if (currentDirectory == masterDirectory) return 0;
  const at = linearOf(frameOfMachine(currentDirectory)) + <usize>(slot << 2);
  if (load<u32>(at) == value) return 0;
  allowTableWrites();
  store<u32>(at, value);
  forbidTableWrites();
  return 1;
}
