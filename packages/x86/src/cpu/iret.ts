import { at, cr0, CS, DS, eflags, ES, FS, GS, segment, SS } from "../state/layout.ts";
import { readFlags, writeFlags } from "../state/flags.ts";
import type { Core } from "./core.ts";
import {
  dplOf,
  errorCodeOf,
  isCode,
  isConforming,
  isNull,
  isPresent,
  limitOf,
  markAccessed,
  requireDescriptor,
  rplOf,
  type Descriptor,
} from "./descriptor.ts";
import { raise, raiseGeneral, vector } from "./exceptions.ts";
import {
  cacheParagraph,
  cacheSegment,
  checkStackSegment,
  dropPrivilegedSegments,
  isVirtual8086,
  loadCodeSegment,
  updateMode,
} from "./segments.ts";
import { Stack } from "./stack.ts";
import { checkVirtualImage, usesVirtualFlag } from "./system/virtual-interrupts.ts";
import { returnFromTask } from "./tasks.ts";

/** Flags that every level may change; IF and IOPL join them below. */
const ORDINARY: number =
  eflags.CF |
  eflags.PF |
  eflags.AF |
  eflags.ZF |
  eflags.SF |
  eflags.TF |
  eflags.DF |
  eflags.OF |
  eflags.NT |
  eflags.RF |
  eflags.AC |
  eflags.ID;

/** Flags that POPF and IRET at `level` may change (SDM 2B "POPF", table 4-16; 2A "IRET"). */
export function changeableFlags(core: Core, level: number): number {
  const iopl = (core.state.get(at.eflags) >>> 12) & 3;
  let mask = ORDINARY;
  if (level <= iopl) mask |= eflags.IF;
  if (level === 0) mask |= eflags.IOPL | eflags.VIF | eflags.VIP;
  return mask;
}

/** Changes the flags of `mask` to those of the image; of a 16-bit image the upper half stays. */
export function mergeFlags(core: Core, image: number, mask: number, size: 2 | 4): void {
  const changed = size === 2 ? mask & 0xffff : mask;
  const before = readFlags(core.state);
  const after = (before & ~changed) | (image & changed);
  writeFlags(core.state, after);
  // Which TLB is in use depends on AC.
  if (((before ^ after) & eflags.AC) !== 0) updateMode(core);
}

/** Flags of a 16-bit image that `checkVirtualImage` has looked at: IF and IOPL stay, VIF changes. */
export function mergeVirtualFlags(core: Core, image: number): void {
  mergeFlags(core, image, (ORDINARY & 0xffff) | eflags.VIF, 4);
}

export function interruptReturn(core: Core, size: 2 | 4): void {
  const { state } = core;
  if ((state.get(at.cr0) & cr0.PE) === 0) returnReal(core, size, -1);
  else if (isVirtual8086(core)) returnWithinVirtual8086(core, size);
  else if ((state.get(at.eflags) & eflags.NT) !== 0) returnFromTask(core);
  else returnProtected(core, size);
  state.set(at.nmiBlocked, 0);
  core.resumeLoaded = true;
}

function returnWithinVirtual8086(core: Core, size: 2 | 4): void {
  if (usesVirtualFlag(core) && size === 2) returnVirtualFlag(core);
  else if ((core.state.get(at.eflags) & eflags.IOPL) !== eflags.IOPL) raiseGeneral(core, 0);
  else returnReal(core, size, ~eflags.IOPL);
}

/** IRET of 16 bits where VIF stands for IF (SDM 2A "IRET"). */
function returnVirtualFlag(core: Core): void {
  const stack = Stack.current(core);
  const target = stack.pop(2);
  const selector = stack.pop(2) & 0xffff;
  const image = checkVirtualImage(core, stack.pop(2));
  stack.commit();
  mergeVirtualFlags(core, image);
  core.state.set(at.eip, target);
  cacheParagraph(core, CS, selector);
  updateMode(core);
}

function returnReal(core: Core, size: 2 | 4, mask: number): void {
  const stack = Stack.current(core);
  const target = stack.pop(size);
  const selector = stack.pop(size) & 0xffff;
  const image = stack.pop(size);
  if (target >>> 0 > 0xffff) raiseGeneral(core, 0);
  stack.commit();
  mergeFlags(core, image, mask & (ORDINARY | eflags.IF | eflags.IOPL), size);
  core.state.set(at.eip, target);
  cacheParagraph(core, CS, selector);
  updateMode(core);
}

function returnProtected(core: Core, size: 2 | 4): void {
  const stack = Stack.current(core);
  const target = stack.pop(size);
  const selector = stack.pop(size) & 0xffff;
  const image = stack.pop(size);
  if (size === 4 && (image & eflags.VM) !== 0 && core.cpl === 0) {
    returnToVirtual8086(core, stack, target, selector, image);
    return;
  }
  const code = checkReturnCode(core, selector);
  const mask = changeableFlags(core, core.cpl);
  if (rplOf(selector) > core.cpl) returnToOuter(core, stack, { target, selector, code, release: 0, size });
  else returnToSame(core, stack, target, selector, code);
  mergeFlags(core, image, mask, size);
}

/** What a far return or IRET may return to: never an inner level (SDM 2A "IRET", 2B "RET"). */
export function checkReturnCode(core: Core, selector: number): Descriptor {
  if (isNull(selector)) raiseGeneral(core, 0);
  const error = errorCodeOf(selector);
  const code = requireDescriptor(core, selector, vector.GP);
  const rpl = rplOf(selector);
  if (!isCode(code) || rpl < core.cpl) raiseGeneral(core, error);
  if (isConforming(code) ? dplOf(code) > rpl : dplOf(code) !== rpl) raiseGeneral(core, error);
  if (!isPresent(code)) raise(core, vector.NP, error);
  return code;
}

export function returnToSame(core: Core, stack: Stack, target: number, selector: number, code: Descriptor): void {
  if (target >>> 0 > limitOf(code)) raiseGeneral(core, 0);
  loadCodeSegment(core, selector, code, core.cpl);
  stack.commit();
  core.state.set(at.eip, target);
  updateMode(core);
}

/** A return to an outer level, and how many bytes of arguments each stack loses. */
export interface OuterReturn {
  readonly target: number;
  readonly selector: number;
  readonly code: Descriptor;
  readonly release: number;
  readonly size: 2 | 4;
}

export function returnToOuter(core: Core, stack: Stack, { target, selector, code, release, size }: OuterReturn): void {
  const level = rplOf(selector);
  stack.release(release);
  const pointer = stack.pop(size);
  const stackSelector = stack.pop(size) & 0xffff;
  const descriptor = checkStackSegment(core, stackSelector, level, vector.GP, 0);
  if (target >>> 0 > limitOf(code)) raiseGeneral(core, 0);
  const marked = markAccessed(core, descriptor);
  loadCodeSegment(core, selector, code, level);
  cacheSegment(core, SS, stackSelector, marked);
  const outer = Stack.current(core);
  // Of a 16-bit outer stack only SP is loaded.
  outer.pointer =
    size === 2 || (core.segment(SS, segment.attributes) & 0x4000) === 0 ? (core.state.get(at.esp) & ~0xffff) | (pointer & 0xffff) : pointer;
  outer.release(release);
  outer.commit();
  core.state.set(at.eip, target);
  dropPrivilegedSegments(core);
  updateMode(core);
}

/** IRET from ring 0 with VM in the image: ESP, SS, ES, DS, FS and GS follow (SDM 3B 20.2.4). */
function returnToVirtual8086(core: Core, stack: Stack, target: number, selector: number, image: number): void {
  const { state } = core;
  const pointer = stack.pop(4);
  const selectors = [SS, ES, DS, FS, GS].map((number) => [number, stack.pop(4) & 0xffff] as const);
  if (target >>> 0 > 0xffff) raiseGeneral(core, 0);
  writeFlags(state, image);
  state.set(at.cpl, 3);
  state.set(at.eip, target & 0xffff);
  state.set(at.esp, pointer);
  cacheParagraph(core, CS, selector);
  for (const [number, value] of selectors) cacheParagraph(core, number, value);
  updateMode(core);
}
