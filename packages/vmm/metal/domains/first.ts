import { KernelRecord, SHARED_PAGE, SHARED_PAGE_STATS, SharedPage, SwitchStats } from "@mercury/abi/metal";

/**
 * The first domain: the kernel that booted the machine. What stands in globals here is the VMM's own; the kernel's record is copied at
 * warm-up, and of the shared page the VMM believes nothing.
 */

/** The VMM owns the machine. */
export let active: bool = false;
/** The VMM booted first and keeps it. */
export let alwaysOn: bool = false;
/** Machine address of the directory that the domain has loaded, whatever CR3 holds. */
export let currentDirectory: u32 = 0;
/** CR3 holds the landing directory because the current one has not been validated yet, or is the master. */
export let landed: bool = false;

export function setActive(value: bool): void {
  active = value;
}
export function setAlwaysOn(): void {
  alwaysOn = true;
}
export function setDirectory(machine: u32, onLanding: bool): void {
  currentDirectory = machine;
  landed = onLanding;
}

export function isActive(): bool {
  return active;
}
/** Index into switchStrategies; the kernel may choose another one at any time, all of them are safe. */
export function strategy(): u32 {
  return kernelRecord().strategy;
}

/** Where the kernel keeps its record; read at warm-up and, for the trap table, at attach. */
let recordAddress: usize = 0;

export function setKernelRecord(address: usize): void {
  recordAddress = address;
}
export function kernelRecord(): KernelRecord {
  return changetype<KernelRecord>(recordAddress);
}

export function sharedPage(): SharedPage {
  return changetype<SharedPage>(SHARED_PAGE);
}
export function stats(): SwitchStats {
  return changetype<SwitchStats>(SHARED_PAGE + SHARED_PAGE_STATS);
}
