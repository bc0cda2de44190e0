import { at, CS, segment, SS } from "../state/layout.ts";
import type { Core } from "./core.ts";
import {
  dplOf,
  errorCodeOf,
  gateOffset,
  gateSelector,
  isCode,
  isConforming,
  isNull,
  isPresent,
  isSystem,
  limitOf,
  markAccessed,
  requireDescriptor,
  rplOf,
  systemType,
  typeOf,
  type Descriptor,
} from "./descriptor.ts";
import { raise, raiseGeneral, vector } from "./exceptions.ts";
import { checkReturnCode, returnToOuter, returnToSame } from "./iret.ts";
import { cacheParagraph, cacheSegment, checkStackSegment, loadCodeSegment, segmentsAreParagraphs, updateMode } from "./segments.ts";
import { Stack } from "./stack.ts";
import { switchToTask, switchThroughTaskGate } from "./tasks.ts";
import { readInnerStack } from "./tss.ts";

/** A far pointer: where a far jump or call leads, before descriptors have their say. */
export interface FarPointer {
  readonly selector: number;
  readonly offset: number;
}

export function farJump(core: Core, { selector, offset }: FarPointer): void {
  if (segmentsAreParagraphs(core)) {
    goToParagraph(core, selector, offset);
    return;
  }
  const descriptor = requireTarget(core, selector);
  if (isCode(descriptor)) {
    checkDirectTarget(core, selector, descriptor);
    goTo(core, selector, descriptor, offset, core.cpl);
    return;
  }
  jumpThroughSystem(core, selector, descriptor);
}

export function farCall(core: Core, { selector, offset }: FarPointer, size: 2 | 4): void {
  if (segmentsAreParagraphs(core)) {
    pushReturn(core, size).commit();
    goToParagraph(core, selector, offset);
    return;
  }
  const descriptor = requireTarget(core, selector);
  if (isCode(descriptor)) {
    checkDirectTarget(core, selector, descriptor);
    checkOffset(core, descriptor, offset);
    const stack = pushReturn(core, size);
    stack.commit();
    goTo(core, selector, descriptor, offset, core.cpl);
    return;
  }
  callThroughSystem(core, selector, descriptor);
}

export function farReturn(core: Core, size: 2 | 4, release: number): void {
  const stack = Stack.current(core);
  const target = stack.pop(size);
  const selector = stack.pop(size) & 0xffff;
  if (segmentsAreParagraphs(core)) {
    stack.release(release);
    stack.commit();
    goToParagraph(core, selector, target);
    return;
  }
  const code = checkReturnCode(core, selector);
  if (rplOf(selector) > core.cpl) {
    returnToOuter(core, stack, { target, selector, code, release, size });
    return;
  }
  stack.release(release);
  returnToSame(core, stack, target, selector, code);
}

function requireTarget(core: Core, selector: number): Descriptor {
  if (isNull(selector)) raiseGeneral(core, 0);
  return requireDescriptor(core, selector, vector.GP);
}

function goToParagraph(core: Core, selector: number, offset: number): void {
  if (offset >>> 0 > core.segment(CS, segment.high) >>> 0) raiseGeneral(core, 0);
  core.state.set(at.eip, offset);
  cacheParagraph(core, CS, selector);
  updateMode(core);
}

/** Code reached directly stays at CPL: conforming from any outer level, other code at CPL = DPL and RPL <= CPL (SDM 3A 5.8.1). */
function checkDirectTarget(core: Core, selector: number, code: Descriptor): void {
  const error = errorCodeOf(selector);
  const allowed = isConforming(code) ? dplOf(code) <= core.cpl : rplOf(selector) <= core.cpl && dplOf(code) === core.cpl;
  if (!allowed) raiseGeneral(core, error);
  if (!isPresent(code)) raise(core, vector.NP, error);
}

function checkOffset(core: Core, code: Descriptor, offset: number): void {
  if (offset >>> 0 > limitOf(code)) raiseGeneral(core, 0);
}

function goTo(core: Core, selector: number, code: Descriptor, offset: number, level: number): void {
  checkOffset(core, code, offset);
  loadCodeSegment(core, selector, code, level);
  core.state.set(at.eip, offset);
  updateMode(core);
}

/** Pushes CS and EIP; the stack is not committed. */
function pushReturn(core: Core, size: 2 | 4, stack: Stack = Stack.current(core)): Stack {
  stack.push(core.segment(CS, segment.selector), size);
  stack.push(core.state.get(at.eip), size);
  return stack;
}

/** Gates and task-state segments: DPL against CPL and RPL, then presence. */
function checkSystemTarget(core: Core, selector: number, descriptor: Descriptor): void {
  const error = errorCodeOf(selector);
  if (!isSystem(descriptor) || dplOf(descriptor) < Math.max(core.cpl, rplOf(selector))) raiseGeneral(core, error);
}

function jumpThroughSystem(core: Core, selector: number, descriptor: Descriptor): void {
  const error = errorCodeOf(selector);
  const type = typeOf(descriptor);
  if (!isSystem(descriptor) || !isFarTarget(type)) raiseGeneral(core, error);
  checkSystemTarget(core, selector, descriptor);
  if (!isPresent(descriptor)) raise(core, vector.NP, error);
  if (type === systemType.taskGate) switchThroughTaskGate(core, gateSelector(descriptor), 0, undefined, "jump");
  else if (isCallGate(type)) jumpThroughGate(core, descriptor);
  else switchToTask(core, selector, descriptor, "jump");
}

const isCallGate = (type: number): boolean => type === systemType.callGate16 || type === systemType.callGate32;

/** Busy task-state segments are left out: they raise #GP. */
function isFarTarget(type: number): boolean {
  return isCallGate(type) || type === systemType.taskGate || type === systemType.tss16 || type === systemType.tss32;
}

/** The code segment behind a call gate (SDM 3A 5.8.3, 5.8.4). */
function gateTarget(core: Core, gate: Descriptor): { selector: number; code: Descriptor } {
  const selector = gateSelector(gate);
  if (isNull(selector)) raiseGeneral(core, 0);
  const code = requireDescriptor(core, selector, vector.GP);
  const error = errorCodeOf(selector);
  if (!isCode(code) || dplOf(code) > core.cpl) raiseGeneral(core, error);
  return { selector, code };
}

function jumpThroughGate(core: Core, gate: Descriptor): void {
  const { selector, code } = gateTarget(core, gate);
  const error = errorCodeOf(selector);
  // A jump cannot change the privilege level.
  if (!isConforming(code) && dplOf(code) !== core.cpl) raiseGeneral(core, error);
  if (!isPresent(code)) raise(core, vector.NP, error);
  goTo(core, selector, code, gateOffset(gate), core.cpl);
}

function callThroughSystem(core: Core, selector: number, descriptor: Descriptor): void {
  const error = errorCodeOf(selector);
  const type = typeOf(descriptor);
  if (!isSystem(descriptor) || !isFarTarget(type)) raiseGeneral(core, error);
  checkSystemTarget(core, selector, descriptor);
  if (!isPresent(descriptor)) raise(core, vector.NP, error);
  if (type === systemType.taskGate) switchThroughTaskGate(core, gateSelector(descriptor), 0, undefined, "call");
  else if (isCallGate(type)) callThroughGate(core, descriptor);
  else switchToTask(core, selector, descriptor, "call");
}

function callThroughGate(core: Core, gate: Descriptor): void {
  const { selector, code } = gateTarget(core, gate);
  if (!isPresent(code)) raise(core, vector.NP, errorCodeOf(selector));
  const size = typeOf(gate) === systemType.callGate32 ? 4 : 2;
  if (!isConforming(code) && dplOf(code) < core.cpl) {
    callInner(core, gate, selector, code, size);
    return;
  }
  checkOffset(core, code, gateOffset(gate));
  const stack = pushReturn(core, size);
  stack.commit();
  goTo(core, selector, code, gateOffset(gate), core.cpl);
}

/** To an inner level: the gate's count of parameters is copied from stack to stack (SDM 3A 5.8.5). */
function callInner(core: Core, gate: Descriptor, selector: number, code: Descriptor, size: 2 | 4): void {
  const { state } = core;
  const level = dplOf(code);
  const inner = readInnerStack(core, level, 0);
  const descriptor = checkStackSegment(core, inner.selector, level, vector.TS, 0);
  const stack = Stack.of(core, descriptor, inner.pointer, level, errorCodeOf(inner.selector));
  checkOffset(core, code, gateOffset(gate));
  const outer = Stack.current(core);
  stack.push(core.segment(SS, segment.selector), size);
  stack.push(state.get(at.esp), size);
  const parameters = gate.high & 31;
  for (let index = parameters - 1; index >= 0; index--) stack.push(outer.peek(index * size, size), size);
  pushReturn(core, size, stack);
  cacheSegment(core, SS, inner.selector, markAccessed(core, descriptor));
  stack.commit();
  goTo(core, selector, code, gateOffset(gate), level);
}
