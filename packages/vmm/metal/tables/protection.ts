import { readCr0, writeCr0 } from "@mercury/toolchain/metal";

/** CR0.WP: ring 0 obeys read-only pages (SDM 3A 2.5). */
const WRITE_PROTECT: u32 = 0x10000;

/**
 * Tables are read-only in the direct map; the VMM writes them there with CR0.WP clear, once around a whole batch. Interrupts are off and
 * nothing in between leaves the VMM.
 */
export function allowTableWrites(): void {
  writeCr0(readCr0() & ~WRITE_PROTECT);
}

export function forbidTableWrites(): void {
  writeCr0(readCr0() | WRITE_PROTECT);
}
