import type { Instruction } from "@mercury/isa";
import { readSystem } from "../../mmu/access.ts";
import { readFlags } from "../../state/flags.ts";
import { at, cr4, CS, eflags, segment, TR } from "../../state/layout.ts";
import type { Core } from "../core.ts";
import { raiseGeneral } from "../exceptions.ts";
import { operandSize } from "../operands.ts";
import { cacheParagraph, isVirtual8086, updateMode } from "../segments.ts";
import { Stack } from "../stack.ts";
import type { HostTable } from "./host.ts";

/** Bytes of the interrupt redirection bitmap, right below the I/O permission bitmap (SDM 3B 20.3.3). */
const REDIRECTION_BYTES = 32;
const IO_MAP_BASE = 0x66;

const iopl3 = (core: Core): boolean => (core.state.get(at.eflags) & eflags.IOPL) === eflags.IOPL;
const has = (core: Core, bit: number): boolean => (core.state.get(at.cr4) & bit) !== 0;

/** In virtual-8086 mode with CR4.VME and IOPL below 3, IF of the program is VIF (SDM 3B 20.3). */
export function usesVirtualFlag(core: Core): boolean {
  return isVirtual8086(core) && !iopl3(core) && has(core, cr4.VME);
}

/** The same of CLI and STI in ring 3 with CR4.PVI (SDM 3B 20.4). */
function usesProtectedVirtualFlag(core: Core): boolean {
  return !isVirtual8086(core) && core.cpl === 3 && has(core, cr4.PVI);
}

/** CLI and STI with too low an IOPL. The block ends here: generated code does not go on to change IF. */
function changeVirtualFlag(core: Core, on: boolean): void {
  if (!usesVirtualFlag(core) && !usesProtectedVirtualFlag(core)) raiseGeneral(core, 0);
  const { state } = core;
  const flags = state.get(at.eflags);
  if (on && (flags & eflags.VIP) !== 0) raiseGeneral(core, 0);
  core.requireBlockEnd();
  state.set(at.eflags, on ? flags | eflags.VIF : flags & ~eflags.VIF);
}

/** A 16-bit image as the program believes it: IOPL 3, and VIF for IF. */
function virtualImage(core: Core): number {
  const flags = readFlags(core.state) & ~eflags.IF;
  return flags | eflags.IOPL | ((flags & eflags.VIF) !== 0 ? eflags.IF : 0);
}

/** PUSHF in virtual-8086 mode with IOPL below 3; PUSHFD has no virtual form (SDM 2B "PUSHF/PUSHFD"). */
function pushVirtualFlags(core: Core, instruction: Instruction): void {
  if (!usesVirtualFlag(core) || operandSize(instruction) === 4) raiseGeneral(core, 0);
  core.requireBlockEnd();
  const stack = Stack.current(core);
  stack.push(virtualImage(core), 2);
  stack.commit();
}

/**
 * The image that POPF and IRET of 16 bits load where VIF stands for IF: #GP(0) for TF, and for IF while an interrupt is pending
 * (SDM 2B "POPF"). The result has VIF set or clear, and changes it together with the flags of `mask`.
 */
export function checkVirtualImage(core: Core, image: number): number {
  const pending = (core.state.get(at.eflags) & eflags.VIP) !== 0;
  if ((image & eflags.TF) !== 0 || (pending && (image & eflags.IF) !== 0)) raiseGeneral(core, 0);
  return (image & eflags.IF) !== 0 ? image | eflags.VIF : image & ~eflags.VIF;
}

/** Whether the redirection bitmap of the TSS leaves INT n to the 8086 program (SDM 3B 20.3.3). */
function isRedirected(core: Core, number: number): boolean {
  const limit = core.segment(TR, segment.limit) >>> 0;
  const base = core.segment(TR, segment.base);
  if (limit < IO_MAP_BASE + 1) raiseGeneral(core, 0);
  const offset = readSystem(core, base + IO_MAP_BASE, 2) - REDIRECTION_BYTES + (number >>> 3);
  if (offset < 0 || offset > limit) raiseGeneral(core, 0);
  return (readSystem(core, base + offset, 1) & (1 << (number & 7))) === 0;
}

/** INT n of an 8086 program handled by the program's own vector, when CR4.VME and the bitmap say so (SDM 3B 20.3.2, methods 5 and 6). */
export function redirectInterrupt(core: Core, number: number): boolean {
  if (!isVirtual8086(core) || !has(core, cr4.VME) || !isRedirected(core, number)) return false;
  const { state } = core;
  const entry = readSystem(core, number * 4, 4);
  const virtual = !iopl3(core);
  const stack = Stack.current(core);
  stack.push(virtual ? virtualImage(core) : readFlags(state), 2);
  stack.push(core.segment(CS, segment.selector), 2);
  stack.push(state.get(at.eip), 2);
  stack.commit();
  state.set(at.eflags, state.get(at.eflags) & ~(eflags.TF | eflags.RF | (virtual ? eflags.VIF : eflags.IF)));
  state.set(at.eip, entry & 0xffff);
  cacheParagraph(core, CS, entry >>> 16);
  core.delivered = true;
  updateMode(core);
  return true;
}

/** Generated code asks for these only where IOPL forbids the instruction. */
export const virtualInterrupts: HostTable = {
  cli: (core) => changeVirtualFlag(core, false),
  sti: (core) => changeVirtualFlag(core, true),
  pushf: pushVirtualFlags,
};
