import { emptyTlbs } from "../mmu/tlb.ts";
import type { ProtectedModeEntry } from "../boot/entry.ts";
import { at, cr0, CS, DS, ES, FS, GS, LDTR, segment, segmentSize, SS, TR } from "../state/layout.ts";
import type { Core } from "./core.ts";
import { CONTROL_FIXED } from "./fpu/status.ts";
import { cacheSegment, updateMode } from "./segments.ts";
import { MXCSR_RESET } from "./simd/mxcsr.ts";
import { MISC_FIXED, placeLocalApic } from "./system/msr.ts";
import { DR6_FIXED, updateBreakpoints } from "./system/debug-registers.ts";
import { setFirmwareMtrrs } from "./system/mtrr.ts";

/** Access bytes: present, accessed, DPL 0. */
const CODE = 0x9b;
const DATA = 0x93;
const LDT = 0x82;
const BUSY_TSS = 0x8b;

/** Power-on state (SDM 3A table 9-1): real mode, CS:EIP at the top of the address space. */
export function resetState(core: Core): void {
  const { state } = core;
  const retired = core.retired;
  state.words.fill(0);
  core.restoreCount();
  core.setRetired(retired);
  state.set(at.result, 1);
  // No count of retired instructions equals this.
  state.setLong(at.shadow, -1n);
  state.setLong(at.debugShadow, -1n);
  state.set(at.cr0, cr0.ET | cr0.CD | cr0.NW);
  state.set(at.eip, 0xfff0);
  state.set(at.edx, 0x600);
  state.set(at.mxcsr, MXCSR_RESET);
  state.set(at.hiddenFeatures, core.hiddenFeatures);
  state.set(at.gdtLimit, 0xffff);
  state.set(at.idtLimit, 0xffff);
  state.set(at.dr6, DR6_FIXED);
  state.set(at.dr7, 0x400);
  // The x87 unit: all exceptions unmasked, eight zeros that are not empty; FNINIT does otherwise.
  state.set(at.fpuControl, CONTROL_FIXED);
  state.set(at.fpuTags, 0xff);
  for (let index = 0; index < 3; index++) state.set(at.flatLimit + index * 4, -1);
  for (const number of [ES, SS, DS, FS, GS]) cacheRaw(core, number, 0, 0, 0xffff, DATA, 0);
  cacheRaw(core, CS, 0xf000, 0, 0xffff, CODE, 0);
  state.set(at.segments + CS * segmentSize + segment.base, 0xffff0000 | 0);
  // In real mode code may be written through CS.
  state.set(at.segments + CS * segmentSize + segment.rights, 3);
  cacheRaw(core, LDTR, 0, 0, 0xffff, LDT, 0);
  cacheRaw(core, TR, 0, 0, 0xffff, BUSY_TSS, 0);
  // Enabled at FEE00000h, on the bootstrap processor (SDM 3A 10.4.4).
  state.setLong(at.apicBase, 0xfee0_0900n);
  placeLocalApic(core);
  state.setLong(at.pat, 0x0007_0406_0007_0406n);
  state.setLong(at.miscEnable, MISC_FIXED | 1n);
  updateBreakpoints(core);
  emptyTlbs(core);
  core.code?.clear();
  updateMode(core);
}

/** A segment cache from its parts; `flags` are G and D/B as bits 23 and 22 of the descriptor. */
function cacheRaw(core: Core, number: number, selector: number, base: number, limit: number, access: number, flags: number): void {
  const low = (limit & 0xffff) | (base << 16);
  const high = ((base >>> 16) & 0xff) | (access << 8) | (limit & 0xf0000) | flags | (base & 0xff000000);
  cacheSegment(core, number, selector, { address: 0, low, high });
}

/** G and D/B, limit 0xFFFFF: flat segments. */
const FLAT = 0xc00000;

/** The state in which boot loaders hand over to 32-bit kernels. */
export function enterProtected(core: Core, at32: ProtectedModeEntry): void {
  const { state } = core;
  resetState(core);
  state.set(at.cr0, cr0.PE | cr0.ET);
  setFirmwareMtrrs(core);
  cacheRaw(core, CS, at32.code, 0, 0xfffff, CODE, FLAT);
  for (const number of [ES, SS, DS, FS, GS]) cacheRaw(core, number, at32.data, 0, 0xfffff, DATA, FLAT);
  state.set(at.eip, at32.entry);
  for (const name of ["eax", "ebx", "esi"] as const) state.set(at[name], at32.registers[name] ?? 0);
  if (at32.gdt !== undefined) {
    state.set(at.gdtBase, at32.gdt.base);
    state.set(at.gdtLimit, at32.gdt.limit);
  }
  updateMode(core);
}
