import {
  FINDING_DESCRIPTOR, FINDING_GATE, GDT_COUNT, GDT_TLS0, GDT_VMM_CODE, GUEST_END, KernelRecord, SELECTOR_KERNEL_CODE, SELECTOR_KERNEL_CODE_RING1, SELECTOR_VMM_CODE,
  VECTOR_BREAKPOINT, VECTOR_DOUBLE_FAULT, VECTOR_HYPERCALL, VECTOR_MODE_SWITCH, VECTOR_OVERFLOW, VECTOR_SYSTEM_CALL, VMM_BASE, VMM_HEADER_SWITCH_ENTRY,
} from "@mercury/abi/metal";
import { constantsPage, gdt, imageTextEnd } from "../symbols";
import { differs } from "./finding";

// Descriptors (SDM 3A 3.4.5): present, privilege and the bit that tells segments from system descriptors, all in the access byte.
const PRESENT: u32 = 0x80;
const SEGMENT: u32 = 0x10;
const GRANULAR: u32 = 0x00800000;
const TLS_SLOTS: u32 = 3;
/** Gate types (SDM 3A 6.11): the low five bits of the access byte. */
const TASK_GATE: u32 = 5;

function accessOf(high: u32): u32 {
  return (high >> 8) & 0xff;
}

function privilegeOf(access: u32): u32 {
  return (access >> 5) & 3;
}

/** Last offset that a segment reaches. */
function limitOf(low: u32, high: u32): u32 {
  const limit = (high & 0xf0000) | (low & 0xffff);
  return (high & GRANULAR) != 0 ? (limit << 12) | 0xfff : limit;
}

function baseOf(low: u32, high: u32): u32 {
  return (low >> 16) | ((high & 0xff) << 16) | (high & 0xff000000);
}

/** Descriptors of virtual mode: ring 0 has the VMM's own; ring 1 and 3 reach no further than the hole, but for the thread's TLS slots. */
export function virtualDescriptors(): bool {
  for (let slot: u32 = 1; slot < GDT_COUNT; slot++) {
    const low = load<u32>(gdt() + <usize>(slot << 3));
    const high = load<u32>(gdt() + <usize>(slot << 3) + 4);
    if ((accessOf(high) & PRESENT) != 0 && !mayBe(slot, low, high)) return differs(FINDING_DESCRIPTOR, slot, low, high);
  }
  return true;
}

function mayBe(slot: u32, low: u32, high: u32): bool {
  const access = accessOf(high);
  if (privilegeOf(access) == 0) return slot >= GDT_VMM_CODE;
  if ((access & SEGMENT) == 0 || slot >= GDT_VMM_CODE) return false;
  if (slot - GDT_TLS0 < TLS_SLOTS) return privilegeOf(access) == 3 && (access & 8) == 0;
  return baseOf(low, high) == 0 && limitOf(low, high) < <u32>GUEST_END;
}

/** Descriptors of native mode: the kernel's ring is 0 and its segments are whole. */
export function nativeDescriptors(record: KernelRecord): bool {
  const table = <usize>record.gdt;
  for (let slot: u32 = 1; slot < GDT_VMM_CODE; slot++) {
    const high = load<u32>(table + <usize>(slot << 3) + 4);
    const access = accessOf(high);
    const privilege = privilegeOf(access);
    if ((access & PRESENT) != 0 && privilege != 0 && privilege != 3) return differs(FINDING_DESCRIPTOR, slot, 0, high);
  }
  const low = load<u32>(table + SELECTOR_KERNEL_CODE);
  const high = load<u32>(table + SELECTOR_KERNEL_CODE + 4);
  return limitOf(low, high) == 0xffffffff || differs(FINDING_DESCRIPTOR, SELECTOR_KERNEL_CODE >> 3, 0xffffffff, limitOf(low, high));
}

/** Which ring may raise a vector by INT in virtual mode. */
function privilegeOfVector(vector: u32): u32 {
  if (vector == VECTOR_BREAKPOINT || vector == VECTOR_OVERFLOW || vector == VECTOR_SYSTEM_CALL) return 3;
  return vector == VECTOR_HYPERCALL || vector == VECTOR_MODE_SWITCH ? 1 : 0;
}

/** Every gate leads into the VMM's text, but for the system call's, which leads to ring 1. */
export function virtualGates(record: KernelRecord): bool {
  for (let vector: u32 = 0; vector <= VECTOR_MODE_SWITCH; vector++) {
    const low = load<u32>(constantsPage() + <usize>(vector << 3));
    const high = load<u32>(constantsPage() + <usize>(vector << 3) + 4);
    if ((accessOf(high) & PRESENT) != 0 && !mayLead(record, vector, low, high)) return differs(FINDING_GATE, vector, low, high);
  }
  return true;
}

function mayLead(record: KernelRecord, vector: u32, low: u32, high: u32): bool {
  if (privilegeOf(accessOf(high)) != privilegeOfVector(vector)) return false;
  if ((accessOf(high) & 0x1f) == TASK_GATE) return vector == VECTOR_DOUBLE_FAULT;
  const selector = low >> 16;
  const handler = (high & 0xffff0000) | (low & 0xffff);
  if (vector == VECTOR_SYSTEM_CALL) return selector == SELECTOR_KERNEL_CODE_RING1 && handler >= record.textStart && handler < record.textEnd;
  return selector == SELECTOR_VMM_CODE && handler >= <u32>VMM_BASE && handler < <u32>imageTextEnd();
}

/** Every gate leads into the kernel's text, but for the switch's. */
export function nativeGates(record: KernelRecord): bool {
  const table = <usize>load<u32>(<usize>record.idtDescriptor + 2);
  const last = load<u16>(<usize>record.idtDescriptor);
  for (let vector: u32 = 0; (vector << 3) + 7 <= last; vector++) {
    const low = load<u32>(table + <usize>(vector << 3));
    const high = load<u32>(table + <usize>(vector << 3) + 4);
    if ((accessOf(high) & PRESENT) == 0 || (accessOf(high) & 0x1f) == TASK_GATE) continue;
    const handler = (high & 0xffff0000) | (low & 0xffff);
    const good = vector == VECTOR_MODE_SWITCH ? handler == load<u32>(VMM_BASE + <usize>VMM_HEADER_SWITCH_ENTRY) : handler >= record.textStart && handler < record.textEnd;
    if (!good || low >> 16 != SELECTOR_KERNEL_CODE) return differs(FINDING_GATE, vector, low, high);
  }
  return true;
}
