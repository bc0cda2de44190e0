import { VmmFrame } from "@mercury/abi/metal";
import { GUEST_END } from "@mercury/abi/metal";
import { invalidatePage } from "@mercury/toolchain/metal";
import * as flush from "../tables/flush";
import * as space from "../tables/space";

export function loadSpace(frame: VmmFrame): i32 {
  return space.loadSpace(frame.ebx);
}

/** The VMM's own pages are not the domain's to drop. */
export function flushPage(frame: VmmFrame): i32 {
  if (frame.ebx < <u32>GUEST_END) invalidatePage(<usize>frame.ebx);
  return 0;
}

export function flushSpace(frame: VmmFrame): i32 {
  flush.flushSpace();
  return 0;
}
