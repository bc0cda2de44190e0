import { readSystem, writeSystem } from "../mmu/access.ts";
import { at, cr0, CS, DS, eflags, ES, FS, GS, LDTR, segment, SS, TR } from "../state/layout.ts";
import { readFlags, writeFlags } from "../state/flags.ts";
import type { Core } from "./core.ts";
import {
  dplOf,
  errorCodeOf,
  isCode,
  isConforming,
  isNull,
  isPresent,
  isSystem,
  limitOf,
  readDescriptor,
  requireDescriptor,
  rplOf,
  systemType,
  typeOf,
  findDescriptor,
  type Descriptor,
} from "./descriptor.ts";
import { raise, raiseGeneral, vector, type ErrorCode } from "./exceptions.ts";
import {
  cacheNull,
  cacheParagraph,
  cacheSegment,
  checkStackSegment,
  isVirtual8086,
  loadCodeSegment,
  loadDataSegment,
  updateMode,
} from "./segments.ts";
import { markAccessed } from "./descriptor.ts";
import { Stack } from "./stack.ts";
import { dr6, updateBreakpoints } from "./system/debug-registers.ts";
import { writeCr3 } from "./system/control-registers.ts";
import { isTss32 } from "./tss.ts";

/** What causes a task switch; it decides about busy bits, back link and NT (SDM 3A table 7-2). */
export type TaskSwitch = "jump" | "call" | "interrupt" | "return";

/** Offsets in a task-state segment (SDM 3A figures 7-2 and 7-10). */
interface TssLayout {
  readonly size: 2 | 4;
  readonly eip: number;
  readonly flags: number;
  /** EAX to EDI. */
  readonly registers: number;
  /** ES CS SS DS, with 32 bits FS GS as well, `size` bytes apart. */
  readonly selectors: number;
  readonly ldt: number;
  readonly lastByte: number;
}
const layout32: TssLayout = { size: 4, eip: 0x20, flags: 0x24, registers: 0x28, selectors: 0x48, ldt: 0x60, lastByte: 0x67 };
const layout16: TssLayout = { size: 2, eip: 0x0e, flags: 0x10, registers: 0x12, selectors: 0x22, ldt: 0x2a, lastByte: 0x2b };
const CR3_OFFSET = 0x1c;
const TRAP_OFFSET = 0x64;
/** Busy bit in the second dword of a TSS descriptor. */
const BUSY = 0x200;

interface TaskState {
  readonly eip: number;
  readonly flags: number;
  readonly registers: readonly number[];
  readonly selectors: readonly number[];
  readonly ldt: number;
  readonly cr3: number | undefined;
  readonly trap: boolean;
}

const is32 = (descriptor: Descriptor): boolean => (typeOf(descriptor) & 8) !== 0;

/** An interrupt or a far transfer through a task gate. */
export function switchThroughTaskGate(
  core: Core,
  selector: number,
  external: number,
  errorCode: ErrorCode,
  kind: TaskSwitch = "interrupt",
  resume = false,
): void {
  const error = errorCodeOf(selector) | external;
  // The segment must be in the GDT (SDM 2A "INT n", TASK-GATE).
  if ((selector & 4) !== 0) raiseGeneral(core, error);
  const descriptor = requireDescriptor(core, selector, vector.GP, external);
  const type = typeOf(descriptor);
  if (!isSystem(descriptor) || (type !== systemType.tss16 && type !== systemType.tss32)) raiseGeneral(core, error);
  if (!isPresent(descriptor)) raise(core, vector.NP, error);
  switchToTask(core, selector, descriptor, kind, errorCode, resume);
}

/** IRET with NT: back to the task that the link names (SDM 2A "IRET", TASK-RETURN). */
export function returnFromTask(core: Core): void {
  const selector = readSystem(core, core.segment(TR, segment.base), 2);
  const error = errorCodeOf(selector);
  if ((selector & 4) !== 0) raise(core, vector.TS, error);
  const descriptor = requireDescriptor(core, selector, vector.TS);
  const type = typeOf(descriptor);
  if (!isSystem(descriptor) || (type !== systemType.busyTss16 && type !== systemType.busyTss32)) raise(core, vector.TS, error);
  if (!isPresent(descriptor)) raise(core, vector.NP, error);
  switchToTask(core, selector, descriptor, "return");
}

/**
 * Switches tasks (SDM 3A 7.3). The descriptor is that of an available TSS, of a busy one when returning. `resume`: a fault is the
 * cause, so RF is set in the flags that are saved (SDM 3B 17.3.1.1).
 */
export function switchToTask(
  core: Core,
  selector: number,
  descriptor: Descriptor,
  kind: TaskSwitch,
  errorCode?: ErrorCode,
  resume = false,
): void {
  const layout = is32(descriptor) ? layout32 : layout16;
  if (limitOf(descriptor) < layout.lastByte) raise(core, vector.TS, errorCodeOf(selector));
  const base = (descriptor.low >>> 16) | ((descriptor.high & 0xff) << 16) | (descriptor.high & 0xff000000);
  const state = readTask(core, base, layout);
  saveTask(core, kind, resume);
  const nested = kind === "call" || kind === "interrupt";
  if (!nested) setBusy(core, core.segment(TR, segment.selector), false);
  if (nested) writeSystem(core, base, core.segment(TR, segment.selector), 2);
  if (kind !== "return") setBusy(core, selector, true);
  // From here on the new task runs, and what faults, faults in it.
  core.record = 0;
  const busy = { ...descriptor, high: descriptor.high | BUSY };
  cacheSegment(core, TR, selector, busy);
  core.state.set(at.cr0, core.state.get(at.cr0) | cr0.TS);
  loadTask(core, state, nested);
  loadTaskSegments(core, state);
  if (errorCode !== undefined) pushErrorCode(core, errorCode, layout.size);
  if (state.eip >>> 0 > core.segment(CS, segment.high) >>> 0) raiseGeneral(core, 0);
  if (state.trap) {
    core.state.set(at.dr6, core.state.get(at.dr6) | dr6.taskSwitch);
    raise(core, vector.DB);
  }
}

function readTask(core: Core, base: number, layout: TssLayout): TaskState {
  const { size } = layout;
  const read = (offset: number): number => readSystem(core, (base + offset) | 0, size);
  const wide = size === 4;
  const selectors = [0, 1, 2, 3, 4, 5].map((number) => (wide || number < 4 ? read(layout.selectors + number * size) & 0xffff : 0));
  return {
    eip: read(layout.eip),
    flags: read(layout.flags),
    // The upper halves of registers that a 16-bit TSS does not hold are ones on processors since the 386.
    registers: Array.from({ length: 8 }, (_, number) => read(layout.registers + number * size) | (wide ? 0 : ~0xffff)),
    selectors,
    ldt: read(layout.ldt) & 0xffff,
    cr3: wide ? readSystem(core, (base + CR3_OFFSET) | 0, 4) : undefined,
    trap: wide && (readSystem(core, (base + TRAP_OFFSET) | 0, 2) & 1) !== 0,
  };
}

function saveTask(core: Core, kind: TaskSwitch, resume: boolean): void {
  const { state } = core;
  const layout = isTss32(core) ? layout32 : layout16;
  const { size } = layout;
  const base = core.segment(TR, segment.base);
  const write = (offset: number, value: number): void => writeSystem(core, (base + offset) | 0, value, size);
  const flags = readFlags(state) | (resume ? eflags.RF : 0);
  write(layout.eip, state.get(at.eip));
  write(layout.flags, kind === "return" ? flags & ~eflags.NT : flags);
  for (let number = 0; number < 8; number++) write(layout.registers + number * size, state.get(at.registers + number * 4));
  const count = size === 4 ? 6 : 4;
  for (let number = 0; number < count; number++) write(layout.selectors + number * size, core.segment(number, segment.selector));
}

function setBusy(core: Core, selector: number, busy: boolean): void {
  const descriptor = findDescriptor(core, selector);
  if (descriptor === undefined) return;
  writeSystem(core, (descriptor.address + 4) | 0, busy ? descriptor.high | BUSY : descriptor.high & ~BUSY, 4);
}

function loadTask(core: Core, task: TaskState, nested: boolean): void {
  const { state } = core;
  if (task.cr3 !== undefined && (state.get(at.cr0) & cr0.PG) !== 0) {
    writeCr3(core, task.cr3);
  }
  state.set(at.eip, task.eip);
  writeFlags(state, nested ? task.flags | eflags.NT : task.flags);
  for (const [number, value] of task.registers.entries()) state.set(at.registers + number * 4, value);
  // Local breakpoints do not outlive their task (SDM 3B 17.2.4).
  state.set(at.dr7, state.get(at.dr7) & ~0x155);
  updateBreakpoints(core);
  core.resumeLoaded = true;
}

/** Selectors first, so that a fault shows those of the new task; then one descriptor after the other (SDM 3A table 7-1). */
function loadTaskSegments(core: Core, task: TaskState): void {
  const [es = 0, cs = 0, ss = 0, ds = 0, fs = 0, gs = 0] = task.selectors;
  if (isVirtual8086(core)) {
    core.state.set(at.cpl, 3);
    for (const [number, selector] of task.selectors.entries()) cacheParagraph(core, number, selector);
    loadTaskLdt(core, task.ldt);
    updateMode(core);
    return;
  }
  for (const [number, selector] of task.selectors.entries()) cacheNull(core, number, selector);
  core.state.set(at.cpl, rplOf(cs));
  updateMode(core);
  loadTaskLdt(core, task.ldt);
  // SS comes before CS, as Bochs has it, so that a bad CS finds a stack for its #TS; the manual leaves the order open.
  const stack = checkStackSegment(core, ss, core.cpl, vector.TS, 0);
  cacheSegment(core, SS, ss, markAccessed(core, stack));
  loadTaskCode(core, cs);
  for (const [number, selector] of [
    [DS, ds],
    [ES, es],
    [FS, fs],
    [GS, gs],
  ] as const)
    loadDataSegment(core, number, selector, vector.TS);
  updateMode(core);
}

function loadTaskLdt(core: Core, selector: number): void {
  cacheNull(core, LDTR, selector);
  if (isNull(selector)) return;
  const error = errorCodeOf(selector);
  if ((selector & 4) !== 0) raise(core, vector.TS, error);
  const descriptor = requireDescriptor(core, selector, vector.TS);
  if (!isSystem(descriptor) || typeOf(descriptor) !== systemType.ldt || !isPresent(descriptor)) raise(core, vector.TS, error);
  cacheSegment(core, LDTR, selector, descriptor);
}

function loadTaskCode(core: Core, selector: number): void {
  if (isNull(selector)) raise(core, vector.TS, 0);
  const error = errorCodeOf(selector);
  const code = requireDescriptor(core, selector, vector.TS);
  const rpl = rplOf(selector);
  if (!isCode(code) || (isConforming(code) ? dplOf(code) > rpl : dplOf(code) !== rpl)) raise(core, vector.TS, error);
  if (!isPresent(code)) raise(core, vector.NP, error);
  loadCodeSegment(core, selector, code, rpl);
}

function pushErrorCode(core: Core, errorCode: number, size: 2 | 4): void {
  const stack = Stack.current(core);
  stack.push(errorCode, size);
  stack.commit();
}

/** LTR: an available TSS in the GDT becomes busy (SDM 2A "LTR"). */
export function loadTaskRegister(core: Core, selector: number): void {
  if (isNull(selector)) raiseGeneral(core, 0);
  const error = errorCodeOf(selector);
  if ((selector & 4) !== 0) raiseGeneral(core, error);
  const descriptor = requireDescriptor(core, selector, vector.GP);
  const type = typeOf(descriptor);
  if (!isSystem(descriptor) || (type !== systemType.tss16 && type !== systemType.tss32)) raiseGeneral(core, error);
  if (!isPresent(descriptor)) raise(core, vector.NP, error);
  setBusy(core, selector, true);
  cacheSegment(core, TR, selector, readDescriptor(core, descriptor.address));
}

/** LLDT: null, or an LDT descriptor in the GDT (SDM 2A "LLDT"). */
export function loadLocalTable(core: Core, selector: number): void {
  if (isNull(selector)) {
    cacheNull(core, LDTR, selector);
    return;
  }
  const error = errorCodeOf(selector);
  if ((selector & 4) !== 0) raiseGeneral(core, error);
  const descriptor = requireDescriptor(core, selector, vector.GP);
  if (!isSystem(descriptor) || typeOf(descriptor) !== systemType.ldt) raiseGeneral(core, error);
  if (!isPresent(descriptor)) raise(core, vector.NP, error);
  cacheSegment(core, LDTR, selector, descriptor);
}
