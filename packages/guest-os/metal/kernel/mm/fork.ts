import { PAGE_PRESENT } from "@mercury/abi/metal";
import { Area, copyAreas } from "./area";
import { holdFrame } from "./frames";
import { Space, areasOf, createSpace, destroySpace, ensureEntry, entryOf, frameOf } from "./space";
import { copyTable, flushAll } from "./tables";

/** Bytes that one leaf table maps. */
const LEAF_SPAN: usize = 0x40_0000;

/** A copy of the current space that shares its pages until one of the two writes; null when memory or the zone is exhausted. */
export function forkSpace(parent: Space): Space | null {
  const child = createSpace();
  if (child === null) return null;
  let complete = copyAreas(areasOf(child), areasOf(parent));
  let area = areasOf(parent).first;
  while (complete && area !== null) {
    complete = forkArea(child, parent, area);
    area = area.next;
  }
  // The parent's writable pages have become read-only.
  flushAll();
  if (!complete) {
    destroySpace(child);
    return null;
  }
  child.breakStart = parent.breakStart;
  child.breakEnd = parent.breakEnd;
  child.residentPages = parent.residentPages;
  child.argumentStart = parent.argumentStart;
  child.argumentEnd = parent.argumentEnd;
  child.environmentStart = parent.environmentStart;
  child.environmentEnd = parent.environmentEnd;
  return child;
}

/** One operation for the part of the area that lies in one leaf table. */
function forkArea(child: Space, parent: Space, area: Area): bool {
  for (let at = area.start; at < area.end; ) {
    const end = min<usize>(area.end, (at & ~(LEAF_SPAN - 1)) + LEAF_SPAN);
    const source = entryOf(parent, at);
    if (source != 0) {
      const destination = ensureEntry(child, at);
      if (destination == 0) return false;
      const count = <u32>((end - at) >> 12);
      copyTable(destination, source, count);
      holdFrames(source, count);
    }
    at = end;
  }
  return true;
}

function holdFrames(entries: usize, count: u32): void {
  const end = entries + (<usize>count << 2);
  for (let place = entries; place < end; place += 4) {
    const entry = load<u32>(place);
    if ((entry & PAGE_PRESENT) != 0) holdFrame(frameOf(entry));
  }
}
