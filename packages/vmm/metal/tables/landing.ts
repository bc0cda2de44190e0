import {
  DIRECT_MAP_BASE, PAGE_ACCESSED, PAGE_DIRTY, PAGE_GLOBAL, PAGE_LARGE, PAGE_PRESENT, PAGE_SIZE, PAGE_WRITABLE, SLOT_DIRECT_MAP, SLOT_LEAF_AREA,
  SLOT_TABLE_WINDOW, SLOT_VMM, VMM_BASE,
} from "@mercury/abi/metal";
import { directMapped, masterDirectory, reserve } from "../domains/facts";
import { CHUNK_DATA, CHUNK_SHIFT, CHUNK_TABLE, chunkType, machineOf, pseudoOf } from "../frames/chunks";
import { landingDirectory } from "../symbols";

/** Accessed and dirty from the start, so that the processor never writes the sealed page (SDM 3A 4.8). */
const USED: u32 = PAGE_ACCESSED | PAGE_DIRTY;

/**
 * The landing directory: the kernel's half as every directory has it in virtual mode, no user half. Attach lands here, whatever was
 * loaded, and the kernel runs on. Direct map with the zone read-only; leaf area empty until touched; no window; the VMM.
 */
export function buildLanding(): void {
  const directory = landingDirectory();
  memory.fill(directory, 0, PAGE_SIZE);
  for (let slot: u32 = SLOT_DIRECT_MAP; slot < SLOT_LEAF_AREA; slot++) setSlot(slot, directMapSlot((slot - SLOT_DIRECT_MAP) << CHUNK_SHIFT));
  const master = masterSlots();
  for (let slot: u32 = SLOT_VMM; slot < 1024; slot++) {
    const value = load<u32>(master + <usize>(slot << 2));
    if (value != 0) setSlot(slot, value | USED);
  }
}

/** What maps a chunk of the direct map: the domain's data writable, its zone read-only, nothing else. */
function directMapSlot(pseudo: u32): u32 {
  if (pseudo >= directMapped) return 0;
  const machine = machineOf(pseudo);
  const type = chunkType(machine);
  if (type == CHUNK_DATA) return machine | USED | PAGE_GLOBAL | PAGE_LARGE | PAGE_WRITABLE | PAGE_PRESENT;
  if (type == CHUNK_TABLE) return machine | USED | PAGE_GLOBAL | PAGE_LARGE | PAGE_PRESENT;
  return 0;
}

export function setSlot(slot: u32, value: u32): void {
  store<u32>(landingDirectory() + <usize>(slot << 2), value);
}

export function landingSlot(slot: u32): u32 {
  return load<u32>(landingDirectory() + <usize>(slot << 2));
}

/** Machine address, for CR3. */
export function landingMachine(): u32 {
  return reserve + <u32>(landingDirectory() - VMM_BASE);
}

/** The kernel's master directory, through the direct map. */
export function masterSlots(): usize {
  return DIRECT_MAP_BASE + <usize>pseudoOf(masterDirectory);
}

export function isLeafAreaSlot(slot: u32): bool {
  return slot >= SLOT_LEAF_AREA && slot < SLOT_TABLE_WINDOW;
}

/** The leaf area as at warm-up: validated again, table by table, when touched. */
export function clearLeafArea(): void {
  memory.fill(landingDirectory() + <usize>(SLOT_LEAF_AREA << 2), 0, <usize>((SLOT_TABLE_WINDOW - SLOT_LEAF_AREA) << 2));
}
