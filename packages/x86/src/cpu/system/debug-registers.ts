import type { Instruction } from "@mercury/isa";
import { flushAllTlbs } from "../../mmu/tlb.ts";
import { at, cr4, CS, eflags, segment } from "../../state/layout.ts";
import type { DebugBreakpoint } from "../breakpoints.ts";
import type { Core } from "../core.ts";
import { raise, vector } from "../exceptions.ts";
import { requireRing0 } from "./control-registers.ts";

/** Bits of DR6 that read as 1 (SDM 3B figure 17-1). */
export const DR6_FIXED: number = 0xffff0ff0 | 0;
/** B0 to B3, BD, BS and BT (SDM 3B 17.2.3). */
export const dr6 = { hits: 0xf, detected: 0x2000, singleStep: 0x4000, taskSwitch: 0x8000 } as const;
/** General detect enable (SDM 3B 17.2.4). */
const GD = 0x2000;

const kinds = ["execute", "write", "io", "access"] as const;
/** LEN: 1, 2, 8 and 4 bytes; 8 as later processors have it, where the manual of this one says undefined. */
const lengths = [1, 2, 8, 4] as const;

/** The breakpoint of DR0 to DR3 if DR7 enables it, locally or globally. */
function enabled(core: Core, number: number): DebugBreakpoint | undefined {
  const control = core.state.get(at.dr7);
  if (((control >>> (number * 2)) & 3) === 0) return undefined;
  const kind = kinds[(control >>> (16 + number * 4)) & 3] ?? "execute";
  // Without CR4.DE the encoding of I/O breakpoints means nothing (SDM 3B 17.2.4).
  if (kind === "io" && (core.state.get(at.cr4) & cr4.DE) === 0) return undefined;
  const length = lengths[(control >>> (18 + number * 4)) & 3] ?? 1;
  return { number, kind, address: core.state.get(at.debug + number * 4) & -length, length };
}

/** Must follow every change of DR0 to DR3, DR7 and CR4.DE: tells decoder and TLB what breakpoints there are. */
export function updateBreakpoints(core: Core): void {
  const breakpoints = [0, 1, 2, 3].map((number) => enabled(core, number)).filter((one) => one !== undefined);
  if (!core.breakpoints.setGuest(breakpoints)) return;
  core.code?.clear();
  flushAllTlbs(core);
}

/** Puts what caused a debug exception into DR6. B0 to B3 are those of the last one, the other bits stay until software clears them. */
export function recordDebugEvent(core: Core, bits: number): void {
  core.state.set(at.dr6, (core.state.get(at.dr6) & ~dr6.hits) | bits);
}

/** Bits of DR6 for instruction breakpoints at the present EIP; RF, and MOV SS before, let the instruction begin (SDM 3B 17.3.1.1). */
export function codeBreakpoints(core: Core): number {
  if ((core.state.get(at.eflags) & eflags.RF) !== 0 || core.debugInhibited) return 0;
  return core.breakpoints.hits((core.state.get(at.eip) + core.segment(CS, segment.base)) | 0, 1, "execute");
}

/** A debug trap: it comes after the present instruction. */
export function trapLater(core: Core, bits: number): void {
  if (bits !== 0) core.state.set(at.debugPending, core.state.get(at.debugPending) | bits);
}

/** With CR4.DE, DR4 and DR5 do not exist; otherwise they are DR6 and DR7 (SDM 3B 17.2.2). */
function debugOffset(core: Core, number: number): number {
  if (number < 4) return at.debug + number * 4;
  if (number < 6 && (core.state.get(at.cr4) & cr4.DE) !== 0) raise(core, vector.UD);
  return (number & 1) === 0 ? at.dr6 : at.dr7;
}

/** GD in DR7: any access to a debug register raises #DB before it happens, with BD in DR6 (SDM 3B 17.2.4). */
function checkGeneralDetect(core: Core): void {
  if ((core.state.get(at.dr7) & GD) === 0) return;
  core.state.set(at.dr6, core.state.get(at.dr6) | dr6.detected);
  raise(core, vector.DB, undefined, true);
}

/** The handler of a debug exception may use the debug registers (SDM 3B 17.2.4). */
export function allowDebugRegisters(core: Core): void {
  core.state.set(at.dr7, core.state.get(at.dr7) & ~GD);
}

export function moveDebug(core: Core, instruction: Instruction, write: boolean): void {
  const { reg, rm } = instruction;
  const offset = debugOffset(core, reg);
  requireRing0(core);
  checkGeneralDetect(core);
  if (!write) {
    core.state.setRegister(rm, 4, core.state.get(offset));
    return;
  }
  const value = core.state.register(rm, 4);
  // Reserved bits read as fixed values (SDM 3B figure 17-1).
  if (offset === at.dr6) core.state.set(offset, (value & 0xe00f) | DR6_FIXED);
  else if (offset === at.dr7) core.state.set(offset, (value & ~0xd000) | 0x400);
  else core.state.set(offset, value);
  if (offset !== at.dr6) updateBreakpoints(core);
}
