import { readCr3, readCr4, writeCr3, writeCr4 } from "@mercury/toolchain/metal";

/** CR4.PGE: global pages. Clearing it drops every translation (SDM 3A 4.10.4.1). */
const PAGE_GLOBAL_ENABLE: u32 = 0x80;

/**
 * A leaf was unhooked and the processor may still have its slot in a paging-structure cache (SDM 3A 4.10.3): before the frame becomes
 * anything else, a flush.
 */
let unhooked: bool = false;

export function noteUnhook(): void {
  unhooked = true;
}

/** Loads a directory; drops all translations that are not global. */
export function loadDirectory(machine: u32): void {
  writeCr3(machine);
  unhooked = false;
}

/** Drops all translations of the loaded directory that are not global. */
export function flushSpace(): void {
  loadDirectory(readCr3());
}

export function flushBeforeRetype(): void {
  if (unhooked) flushSpace();
}

/** Drops all translations, global ones as well, and loads a directory. */
export function loadDirectoryAfresh(machine: u32): void {
  const features = readCr4();
  writeCr4(features & ~PAGE_GLOBAL_ENABLE);
  loadDirectory(machine);
  writeCr4(features);
}
