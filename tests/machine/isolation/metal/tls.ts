import { DIRECT_MAP_BASE, GDT_TLS1, GUEST_END, VMM_BASE, ZONE_BASE } from "@mercury/abi/metal";
import { cstr } from "@mercury/toolchain/metal";
import { NONE, outcome, probeAccess, probeSegment } from "./context";
import { GS } from "./oracle";
import { READS, WRITE32 } from "./reach";
import { finish, judge } from "./report";
import { ring } from "./ring";

/** Writes TLS slot 1: the hypercall in ring 1, a system call in ring 3. 0 or a negated errno. */
// @ts-ignore: decorator
@external("asm", "setSlot") export declare function setSlot(low: u32, high: u32): i32;

const SELECTOR: u32 = (GDT_TLS1 << 3) | 3;
const PRESENT: u32 = 0x80;
/** Privilege level 3, a segment, data (SDM 3A 3.4.5): what the four bits of the access byte must be. */
const KIND: u32 = 0x78;
const DATA_RING3: u32 = 0x70;

// Bases and limits that matter: flat, one that wraps into the hole, the hole itself, its last page; nothing, all, half, up to the hole.
const BASES: StaticArray<u32> = [0, 0x1000, 0x80000000, 0xfc000000, 0xfffff000];
const LIMITS: StaticArray<u32> = [0, 0x7ffff, 0xfbfff, 0xfffff];

function reach(base: u32): void {
  const targets: StaticArray<u32> = TARGETS;
  for (let index = 0; index < targets.length; index++) {
    const target = unchecked(targets[index]);
    // Ring 1 is a supervisor to paging, and reads what is mapped (reach.ts: documented).
    for (let kind: u32 = ring() == 1 ? READS : 0; kind <= WRITE32; kind++) {
      const vector = outcome(probeAccess(SELECTOR, target - base, kind));
      judge(vector == NONE, false, kind, target, vector);
    }
  }
}

/** The window, the VMM's text, tables in the direct map; ring 3 also tries the VMM's data and the last word of all. */
const TARGETS: StaticArray<u32> = [GUEST_END, VMM_BASE, DIRECT_MAP_BASE + ZONE_BASE, DIRECT_MAP_BASE + ZONE_BASE + 0x3ffffc];
const DATA_TARGETS: StaticArray<u32> = [0xfe040000, 0xfe060000, 0xfffffffc];

function reachData(base: u32): void {
  const targets: StaticArray<u32> = DATA_TARGETS;
  for (let index = 0; index < targets.length; index++) {
    for (let kind: u32 = 0; kind <= WRITE32; kind++) {
      const vector = outcome(probeAccess(SELECTOR, unchecked(targets[index]) - base, kind));
      judge(vector == NONE, false, kind, unchecked(targets[index]), vector);
    }
  }
}

function descriptor(base: u32, limit: u32, flags: u32, access: u32): void {
  const low = (base << 16) | (limit & 0xffff);
  const high = (base & 0xff000000) | (flags << 20) | (limit & 0xf0000) | (access << 8) | ((base >> 16) & 0xff);
  const taken = setSlot(low, high) == 0;
  const present = (access & PRESENT) != 0;
  judge(taken, !present || (access & KIND) == DATA_RING3, low, high, NONE);
  if (!taken) return;
  const vector = outcome(probeSegment(SELECTOR, GS));
  judge(vector == NONE, present, high, SELECTOR, vector);
  if (!present) return;
  reach(base);
  if (ring() == 3) reachData(base);
}

/** Every access byte and flag nibble with bases and limits that matter; what is taken is used. */
export function probeTls(): void {
  for (let access: u32 = 0; access < 256; access++) {
    for (let flags: u32 = 0; flags < 16; flags++) {
      for (let base = 0; base < BASES.length; base++) {
        for (let limit = 0; limit < LIMITS.length; limit++) descriptor(unchecked(BASES[base]), unchecked(LIMITS[limit]), flags, access);
      }
    }
  }
  setSlot(0, 0);
  finish(cstr`TLS descriptors`);
}
