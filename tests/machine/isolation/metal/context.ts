/** What a probe met: filled by the kernel's trap handler, whichever ring the probe ran in (stubs/probes.ts lays it out). */
// @ts-ignore: decorator
@unmanaged export class ProbeContext {
  /** A probe is running: a trap ends it and is no bug of the prober's. */
  armed: u32;
  /** Where a trap goes on. */
  stack: u32;
  resume: u32;
  /** Of the trap: vector, error code, linear address of a page fault, CS. */
  vector: u32;
  error: u32;
  address: u32;
  selector: u32;
  /** What the probed instruction gave. */
  value: u32;
}

// @ts-ignore: decorator
@external("sym", "probeContext") export declare function contextAddress(): usize;
// @ts-ignore: decorator
@external("asm", "probeSegment") export declare function probeSegment(selector: u32, register: u32): u32;
// @ts-ignore: decorator
@external("asm", "probeAccess") export declare function probeAccess(selector: u32, address: u32, kind: u32): u32;
// @ts-ignore: decorator
@external("asm", "probeQuery") export declare function probeQuery(selector: u32, query: u32): u32;
// @ts-ignore: decorator
@external("asm", "probeInterrupt") export declare function probeInterrupt(vector: u32): u32;
// @ts-ignore: decorator
@external("asm", "probeTransfer") export declare function probeTransfer(selector: u32, kind: u32): u32;
// @ts-ignore: decorator
@external("asm", "probeCode") export declare function probeCode(address: u32): u32;

export function context(): ProbeContext {
  return changetype<ProbeContext>(contextAddress());
}

/** No trap. */
export const NONE: u32 = 0xff;

/** Vector of the trap that a probe ended with, or NONE. `failed`: what the probe returned. */
export function outcome(failed: u32): u32 {
  return failed != 0 ? context().vector : NONE;
}
