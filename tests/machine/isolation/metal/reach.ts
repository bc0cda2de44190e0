import { CHUNK_SIZE, DIRECT_MAP_BASE, GUEST_END, PAGE_SIZE, SELECTOR_USER_DATA, VMM_BASE, ZONE_BASE } from "@mercury/abi/metal";
import { cstr } from "@mercury/toolchain/metal";
import { NONE, outcome, probeAccess } from "./context";
import { GS, isTls, mayLoad } from "./oracle";
import { finish, judge } from "./report";
import { ring } from "./ring";

// Kinds of access (stubs/probes.ts): the first two read.
const READ8: u32 = 0;
const READ32: u32 = 1;
export const READS: u32 = 2;
export const WRITE32: u32 = 3;
const THROUGH_GS: u32 = 5;
const PUSH: u32 = 5;
const FETCH: u32 = 6;

/** Step through the hole: a place in every 64 KB. */
const STEP: u32 = 0x10000;
const SELECTORS: u32 = 0x10000;

function attempt(selector: u32, address: u32, kind: u32, may: bool): void {
  const vector = outcome(probeAccess(selector, address, kind));
  judge(vector == NONE, may, (selector << 16) | kind, address, vector);
}

/** All accesses at one place through one selector. */
function place(selector: u32, address: u32): void {
  for (let kind: u32 = 0; kind < THROUGH_GS; kind++) attempt(selector, address, kind, false);
}

/** The hole through every selector that can be loaded, its last bytes, and doublewords that straddle its start. */
function hole(): void {
  for (let selector: u32 = 0; selector < SELECTORS; selector++) {
    if (!mayLoad(selector, GS) || (ring() == 1 && isTls(selector))) continue;
    for (let at: u32 = GUEST_END; at != 0; at += STEP) {
      place(selector, at);
      place(selector, at + STEP - 4);
    }
    for (let before: u32 = 1; before < 4; before++) attempt(selector, GUEST_END - before, READ32, false);
    for (let before: u32 = 1; before < 4; before++) attempt(selector, GUEST_END - before, WRITE32, false);
  }
  for (let at: u32 = GUEST_END; at != 0; at += STEP) {
    attempt(0, at, FETCH, false);
    // Ring 1 has no stack but its own: a bad one ends it (vmm/metal/hostile.test.ts).
    if (ring() == 3) attempt(SELECTOR_USER_DATA, at, PUSH, false);
  }
  finish(cstr`the hole`);
}

/** Tables through every selector: ring 1 reads them in the direct map, nobody writes them. */
function tables(): void {
  for (let selector: u32 = 0; selector < SELECTORS; selector++) {
    if (!mayLoad(selector, GS) || selector < 4) continue;
    for (let offset: u32 = 0; offset < <u32>CHUNK_SIZE; offset += <u32>PAGE_SIZE) {
      const at = <u32>(DIRECT_MAP_BASE + ZONE_BASE) + offset;
      for (let kind: u32 = 0; kind < THROUGH_GS; kind++) attempt(selector, at, kind, ring() == 1 && kind < READS);
    }
  }
  finish(cstr`tables`);
}

/**
 * What the design leaves open to the first domain: its TLS segments keep 4 GB, and to paging ring 1 is a supervisor like ring 0. So ring 1 reads
 * the VMM through them, and could write its stacks and records; text, gates and chunk map are read-only even so, and the window is not mapped.
 */
function documented(selector: u32): void {
  attempt(selector, VMM_BASE, READ8, true);
  attempt(selector, VMM_BASE, READ32, true);
  for (let kind: u32 = READS; kind < THROUGH_GS; kind++) attempt(selector, VMM_BASE, kind, false);
  for (let at: u32 = GUEST_END; at != <u32>VMM_BASE; at += STEP) place(selector, at);
  finish(cstr`the hole through a TLS slot`);
}

export function probeReach(tls: u32): void {
  hole();
  tables();
  if (ring() == 1) documented(tls);
}
