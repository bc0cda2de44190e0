import { LINE_CASCADE, SHARED_PAGE, SharedPage } from "@mercury/abi/metal";

/** All lines masked but the one that the second controller hangs on. */
export const INITIAL_MASKS: u32 = 0xffff & ~(1 << LINE_CASCADE);

/** The kernel's shadow of both mask registers; the one copy that survives a switch. */
export function lineMasks(): u32 {
  return changetype<SharedPage>(SHARED_PAGE).lineMasks;
}

export function setLineMasks(masks: u32): void {
  changetype<SharedPage>(SHARED_PAGE).lineMasks = masks;
}
