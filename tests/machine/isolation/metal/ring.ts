import { readCs } from "@mercury/toolchain/metal";

/** The ring that the prober runs in: 1 or 3. */
export function ring(): u32 {
  return readCs() & 3;
}
