import { readSystem } from "../mmu/access.ts";
import { at, CS, DS, eflags, ES, FS, GS, segment, SS } from "../state/layout.ts";
import { readFlags } from "../state/flags.ts";
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
  readDescriptor,
  requireDescriptor,
  systemType,
  typeOf,
  type Descriptor,
} from "./descriptor.ts";
import { FAULT, makesDoubleFault, raise, raiseGeneral, SHUTDOWN, vector, type ErrorCode } from "./exceptions.ts";
import { cacheNull, cacheParagraph, cacheSegment, checkStackSegment, isVirtual8086, loadCodeSegment, updateMode } from "./segments.ts";
import { Stack } from "./stack.ts";
import { allowDebugRegisters } from "./system/debug-registers.ts";
import { switchThroughTaskGate } from "./tasks.ts";
import { readInnerStack } from "./tss.ts";

/** An interrupt or exception on its way to its handler. */
export interface Event {
  readonly vector: number;
  /** INT n, INT3 or INTO: the gate's DPL is checked, and error codes have EXT 0. */
  readonly software: boolean;
  readonly errorCode: ErrorCode;
  /** RF is 1 in the saved flags, so that an instruction breakpoint does not hit again (SDM 3B 17.3.1.1). */
  readonly resume: boolean;
}

/** IDT bit of an error code (SDM 3A 6.13). */
const IDT = 2;

/** Delivers one event; whatever goes wrong is raised and leaves the registers as they were. */
export function deliver(core: Core, event: Event): void {
  core.delivered = true;
  core.state.set(at.iterating, 0);
  if (event.vector === vector.DB && !event.software) allowDebugRegisters(core);
  if ((core.state.get(at.cr0) & 1) === 0) deliverReal(core, event);
  else deliverProtected(core, event);
}

/** Real mode: the interrupt table holds IP and CS (SDM 3B 20.1.4). */
function deliverReal(core: Core, event: Event): void {
  const { state } = core;
  const offset = event.vector * 4;
  if (offset + 3 > state.get(at.idtLimit)) raiseGeneral(core, 0);
  const entry = readSystem(core, state.get(at.idtBase) + offset, 4);
  const stack = Stack.current(core);
  stack.push(readFlags(state), 2);
  stack.push(core.segment(CS, segment.selector), 2);
  stack.push(state.get(at.eip), 2);
  stack.commit();
  state.set(at.eflags, state.get(at.eflags) & ~(eflags.IF | eflags.TF | eflags.RF | eflags.AC));
  state.set(at.eip, entry & 0xffff);
  cacheParagraph(core, CS, entry >>> 16);
  updateMode(core);
}

/** SDM 2A "INT n", INTERRUPT-GATE, TRAP-GATE and TASK-GATE of the operation section. */
function deliverProtected(core: Core, event: Event): void {
  const { state } = core;
  const external = event.software ? 0 : 1;
  const gateError = event.vector * 8 + IDT;
  if (event.vector * 8 + 7 > state.get(at.idtLimit)) raiseGeneral(core, gateError | external);
  const gate = readDescriptor(core, (state.get(at.idtBase) + event.vector * 8) | 0);
  const type = typeOf(gate);
  if (!isSystem(gate) || !isInterruptGate(type)) raiseGeneral(core, gateError | external);
  if (event.software && dplOf(gate) < core.cpl) raiseGeneral(core, gateError);
  if (!isPresent(gate)) raise(core, vector.NP, gateError | external);
  if (type === systemType.taskGate) {
    switchThroughTaskGate(core, gateSelector(gate), external, event.errorCode, "interrupt", event.resume);
    return;
  }
  enterHandler(core, event, gate, external);
}

function isInterruptGate(type: number): boolean {
  return (
    type === systemType.taskGate ||
    type === systemType.interruptGate16 ||
    type === systemType.trapGate16 ||
    type === systemType.interruptGate32 ||
    type === systemType.trapGate32
  );
}

function enterHandler(core: Core, event: Event, gate: Descriptor, external: number): void {
  const selector = gateSelector(gate);
  if (isNull(selector)) raiseGeneral(core, external);
  const error = errorCodeOf(selector) | external;
  const code = requireDescriptor(core, selector, vector.GP, external);
  const dpl = dplOf(code);
  if (!isCode(code) || dpl > core.cpl) raiseGeneral(core, error);
  if (!isPresent(code)) raise(core, vector.NP, error);
  const inner = !isConforming(code) && dpl < core.cpl;
  // From virtual-8086 mode only ring 0 can be entered.
  if (isVirtual8086(core) && (!inner || dpl !== 0)) raiseGeneral(core, error);
  if (inner) enterInner(core, event, gate, code, external);
  else enterSame(core, event, gate, code, external);
}

const gateSize = (gate: Descriptor): 2 | 4 => (typeOf(gate) >= systemType.tss32 ? 4 : 2);

function checkEntry(core: Core, gate: Descriptor, code: Descriptor, external: number): void {
  if (gateOffset(gate) >>> 0 > limitOf(code)) raiseGeneral(core, external);
}

function savedFlags(core: Core, event: Event): number {
  return readFlags(core.state) | (event.resume ? eflags.RF : 0);
}

function pushFrame(core: Core, stack: Stack, event: Event, size: 2 | 4): void {
  stack.push(savedFlags(core, event), size);
  stack.push(core.segment(CS, segment.selector), size);
  stack.push(core.state.get(at.eip), size);
  if (event.errorCode !== undefined) stack.push(event.errorCode, size);
}

function enterSame(core: Core, event: Event, gate: Descriptor, code: Descriptor, external: number): void {
  const stack = Stack.current(core, external);
  checkEntry(core, gate, code, external);
  pushFrame(core, stack, event, gateSize(gate));
  stack.commit();
  goToHandler(core, gate, code, core.cpl);
}

/** To an inner level: its stack comes from the TSS, the old one is saved on it. */
function enterInner(core: Core, event: Event, gate: Descriptor, code: Descriptor, external: number): void {
  const { state } = core;
  const level = dplOf(code);
  const { selector, pointer } = readInnerStack(core, level, external);
  const descriptor = checkStackSegment(core, selector, level, vector.TS, external);
  const stack = Stack.of(core, descriptor, pointer, level, errorCodeOf(selector) | external);
  const size = gateSize(gate);
  checkEntry(core, gate, code, external);
  const fromVirtual = isVirtual8086(core);
  if (fromVirtual) for (const number of [GS, FS, DS, ES]) stack.push(core.segment(number, segment.selector), size);
  stack.push(core.segment(SS, segment.selector), size);
  stack.push(state.get(at.esp), size);
  pushFrame(core, stack, event, size);
  const marked = markAccessed(core, descriptor);
  if (fromVirtual) {
    state.set(at.eflags, state.get(at.eflags) & ~eflags.VM);
    for (const number of [GS, FS, DS, ES]) cacheNull(core, number, 0);
  }
  cacheSegment(core, SS, selector, marked);
  stack.commit();
  goToHandler(core, gate, code, level);
}

/** Interrupt gates clear IF, trap gates do not (SDM 3A 6.12.1.2, 6.12.1.3). */
function goToHandler(core: Core, gate: Descriptor, code: Descriptor, level: number): void {
  const { state } = core;
  const type = typeOf(gate);
  const masks = type === systemType.interruptGate32 || type === systemType.interruptGate16;
  const cleared = eflags.TF | eflags.NT | eflags.RF | eflags.VM | (masks ? eflags.IF : 0);
  state.set(at.eflags, state.get(at.eflags) & ~cleared);
  state.set(at.eip, gateOffset(gate));
  loadCodeSegment(core, gateSelector(gate), code, level);
  updateMode(core);
}

type Exception = Omit<Event, "software">;

/**
 * Delivers an exception and, when that raises another, what follows from it: the second exception, a double fault, or
 * shutdown (SDM 3A 6.15, interrupt 8).
 */
export function deliverException(core: Core, exception: Exception): void {
  let current = exception;
  for (;;) {
    core.bus.observe?.("exception", current.vector, current.errorCode);
    core.state.set(at.exceptionCounts + current.vector * 4, core.state.get(at.exceptionCounts + current.vector * 4) + 1);
    try {
      deliver(core, { ...current, software: false });
      return;
    } catch (unwound) {
      if (unwound !== FAULT) throw unwound;
      current = escalate(current.vector, core.fault);
    }
  }
}

function escalate(first: number, second: Exception): Exception {
  // oxlint-disable-next-line typescript/only-throw-error -- see FAULT in exceptions.ts
  if (first === vector.DF) throw SHUTDOWN;
  if (makesDoubleFault(first, second.vector)) return { vector: vector.DF, errorCode: 0, resume: true };
  return { ...second };
}
