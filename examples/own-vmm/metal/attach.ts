import {
  ENOEXEC, ENOSYS, EOPNOTSUPP, INTERFACE_VERSION, KernelRecord, REASON_NONE, REASON_NO_TRAP_TABLE, SELECTOR_KERNEL_CODE, SELECTOR_KERNEL_CODE_RING1,
  SELECTOR_KERNEL_DATA, SELECTOR_KERNEL_DATA_RING1, TARGET_NATIVE, TARGET_VIRTUAL, VmmFrame,
} from "@mercury/abi/metal";
import { buildTables } from "./descriptors";
import { INTERRUPT_FLAG, active, kernelRecord, setActive, setRecord, sharedPage } from "./domain";

/** Once at boot, in ring 0: 0 or an errno. This VMM can only be slid under a kernel that runs already. */
export function warmup(address: u32): u32 {
  if (changetype<KernelRecord>(<usize>address).interfaceVersion != INTERFACE_VERSION) return ENOEXEC;
  if (sharedPage().alwaysOn != 0) return EOPNOTSUPP;
  setRecord(<usize>address);
  buildTables();
  return 0;
}

export function isActive(): bool {
  return active;
}
export function strategy(): u32 {
  return kernelRecord().strategy;
}

/** All that an attach needs of the kernel. */
export function adoptable(): u32 {
  return kernelRecord().trapTable == 0 ? REASON_NO_TRAP_TABLE : REASON_NONE;
}
export function releasable(): u32 {
  return REASON_NONE;
}

// This VMM has no types for frames, looks at no table, and keeps no seal: the steps that would do so find everything in order.
export function sealIntact(): bool {
  return true;
}
export function startEpoch(): void {}
export function validateAll(): u32 {
  return REASON_NONE;
}
export function validateRunning(): u32 {
  return REASON_NONE;
}
export function adoptMemory(): void {}
export function framesScanned(): u32 {
  return 0;
}
export function tablesValidated(): u32 {
  return 0;
}
export function failureDetail(): u32 {
  return 0;
}
/** A negated errno instead of a finding: nothing was looked at. */
export function audit(frame: u32): u32 {
  return <u32>-ENOSYS;
}
/** Breakpoints and SYSENTER stay as the kernel has set them. */
export function adoptProcessor(): void {}
export function releaseProcessor(): void {}

/** The same address space goes on: pages of the supervisor are ring 1's, too, and segment limits keep it from what is the VMM's. */
export function enterVirtual(at: u32): void {
  const frame = changetype<VmmFrame>(<usize>at);
  frame.cs = SELECTOR_KERNEL_CODE_RING1;
  frame.ss = SELECTOR_KERNEL_DATA_RING1;
  sharedPage().virtualInterruptFlag = frame.flags & INTERRUPT_FLAG;
  frame.flags |= INTERRUPT_FLAG;
  sharedPage().mode = TARGET_VIRTUAL;
  setActive(true);
}

export function enterNative(at: u32): void {
  const frame = changetype<VmmFrame>(<usize>at);
  frame.cs = SELECTOR_KERNEL_CODE;
  frame.ss = SELECTOR_KERNEL_DATA;
  frame.flags = (frame.flags & ~INTERRUPT_FLAG) | (sharedPage().virtualInterruptFlag & INTERRUPT_FLAG);
  sharedPage().mode = TARGET_NATIVE;
  setActive(false);
}
