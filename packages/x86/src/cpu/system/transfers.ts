import type { Instruction } from "@mercury/isa";
import { at, cr0, CS, DS, eflags, ES, FS, GS, SS } from "../../state/layout.ts";
import { readFlags } from "../../state/flags.ts";
import type { Core } from "../core.ts";
import { raise, raiseGeneral, vector } from "../exceptions.ts";
import { farCall, farJump, farReturn } from "../far.ts";
import { deliver } from "../interrupts.ts";
import { changeableFlags, interruptReturn, mergeFlags, mergeVirtualFlags } from "../iret.ts";
import { operandSize, readFarPointer, readOperand } from "../operands.ts";
import { cacheSegment, isVirtual8086, loadSegment, updateMode } from "../segments.ts";
import { Stack } from "../stack.ts";
import { requireRing0 } from "./control-registers.ts";
import { checkVirtualImage, redirectInterrupt, usesVirtualFlag } from "./virtual-interrupts.ts";
import { recordDebugEvent } from "./debug-registers.ts";
import type { HostTable } from "./host.ts";

function pointerOf(core: Core, instruction: Instruction): { offset: number; selector: number } {
  if (instruction.memory) return readFarPointer(core, instruction);
  const offset = operandSize(instruction) === 4 ? instruction.immediate : instruction.immediate & 0xffff;
  return { offset, selector: instruction.immediate2 };
}

/** INT n, INT3, INTO: the gate's DPL counts. In virtual-8086 mode INT n needs IOPL 3 (SDM 3B 20.2.7). */
function softwareInterrupt(core: Core, number: number): void {
  deliver(core, { vector: number, software: true, errorCode: undefined, resume: false });
}

function interruptN(core: Core, instruction: Instruction): void {
  const number = instruction.immediate & 0xff;
  if (redirectInterrupt(core, number)) return;
  const iopl = core.state.get(at.eflags) & eflags.IOPL;
  if (isVirtual8086(core) && iopl !== eflags.IOPL) raiseGeneral(core, 0);
  softwareInterrupt(core, number);
}

function interruptOnOverflow(core: Core): void {
  if ((readFlags(core.state) & eflags.OF) !== 0) softwareInterrupt(core, vector.OF);
}

/** INT1 delivers #DB without looking at the gate's DPL (SDM 2A "INT n"). A trap that MOV SS has held until here comes with it. */
function interrupt1(core: Core): void {
  const held = core.state.get(at.debugPending);
  if (held !== 0) recordDebugEvent(core, held);
  core.state.set(at.debugPending, 0);
  deliver(core, { vector: vector.DB, software: false, errorCode: undefined, resume: false });
}

/** SDM 2B "POPF": who may change what; in virtual-8086 mode it needs IOPL 3 and leaves IOPL. */
function popFlags(core: Core, instruction: Instruction): void {
  const size = operandSize(instruction);
  const virtual = isVirtual8086(core);
  const iopl = core.state.get(at.eflags) & eflags.IOPL;
  const virtualFlag = usesVirtualFlag(core) && size === 2;
  if (virtual && iopl !== eflags.IOPL && !virtualFlag) raiseGeneral(core, 0);
  const stack = Stack.current(core);
  const image = stack.pop(size);
  if (virtualFlag) {
    const checked = checkVirtualImage(core, image);
    stack.commit();
    mergeVirtualFlags(core, checked);
    return;
  }
  stack.commit();
  const level = (core.state.get(at.cr0) & cr0.PE) === 0 ? 0 : core.cpl;
  // RF is cleared; VIF and VIP stay.
  const mask = changeableFlags(core, level) & ~(eflags.VIF | eflags.VIP);
  mergeFlags(core, image & ~eflags.RF, mask, size);
}

/** MOV Sw,Ew. After SS interrupts wait for one instruction (SDM 3A 6.8.3). */
export function moveToSegment(core: Core, instruction: Instruction): void {
  const number = instruction.reg;
  if (number === CS) raise(core, vector.UD);
  loadSegment(core, number, readOperand(core, instruction, 2));
  if (number === SS) core.inhibitEvents();
}

/** POP of a segment register; which one the opcode tells. */
export function popSegment(core: Core, instruction: Instruction): void {
  const number = popped[instruction.opcode] ?? raise(core, vector.UD);
  const stack = Stack.current(core);
  const selector = stack.pop(operandSize(instruction)) & 0xffff;
  loadSegment(core, number, selector);
  // The pop was from the old stack, and a 16-bit one leaves the upper half of ESP, whatever the new SS is.
  stack.commit();
  if (number === SS) core.inhibitEvents();
}

const popped: Readonly<Record<number, number>> = { 0x07: ES, 0x17: SS, 0x1f: DS, 0xa1: FS, 0xa9: GS };

function loadFarPointer(number: number): (core: Core, instruction: Instruction) => void {
  return (core, instruction) => {
    const { offset, selector } = readFarPointer(core, instruction);
    loadSegment(core, number, selector);
    core.state.setRegister(instruction.reg, operandSize(instruction), offset);
  };
}

/** A flat segment of 4 GB as SYSENTER and SYSEXIT load it without looking at a table (SDM 2B). */
function cacheFlat(core: Core, number: number, selector: number, access: number): void {
  const high = 0x00cf0000 | (access << 8);
  cacheSegment(core, number, selector, { address: 0, low: 0x0000ffff, high });
}

const CODE = 0x9b;
const DATA = 0x93;
const DPL3 = 0x60;

function enterSystem(core: Core): void {
  const { state } = core;
  const selector = state.get(at.sysenterCs) & 0xffff;
  if ((state.get(at.cr0) & cr0.PE) === 0 || (selector & 0xfffc) === 0) raiseGeneral(core, 0);
  state.set(at.eflags, state.get(at.eflags) & ~(eflags.VM | eflags.IF | eflags.RF));
  state.set(at.cpl, 0);
  cacheFlat(core, CS, selector & 0xfffc, CODE);
  cacheFlat(core, SS, (selector & 0xfffc) + 8, DATA);
  state.set(at.esp, state.get(at.sysenterEsp));
  state.set(at.eip, state.get(at.sysenterEip));
  updateMode(core);
}

function exitSystem(core: Core): void {
  const { state } = core;
  const selector = state.get(at.sysenterCs) & 0xffff;
  if ((selector & 0xfffc) === 0 || (state.get(at.cr0) & cr0.PE) === 0) raiseGeneral(core, 0);
  requireRing0(core);
  state.set(at.cpl, 3);
  cacheFlat(core, CS, (selector + 16) | 3, CODE | DPL3);
  cacheFlat(core, SS, (selector + 24) | 3, DATA | DPL3);
  state.set(at.esp, state.get(at.ecx));
  state.set(at.eip, state.get(at.edx));
  updateMode(core);
}

export const transfers: HostTable = {
  callf: (core, instruction) => farCall(core, pointerOf(core, instruction), operandSize(instruction)),
  jmpf: (core, instruction) => farJump(core, pointerOf(core, instruction)),
  retf: (core, instruction) => farReturn(core, operandSize(instruction), instruction.immediate & 0xffff),
  iret: (core, instruction) => interruptReturn(core, operandSize(instruction)),
  int: interruptN,
  int3: (core) => softwareInterrupt(core, vector.BP),
  into: interruptOnOverflow,
  int1: interrupt1,
  popf: popFlags,
  les: loadFarPointer(ES),
  lds: loadFarPointer(DS),
  lss: loadFarPointer(SS),
  lfs: loadFarPointer(FS),
  lgs: loadFarPointer(GS),
  sysenter: enterSystem,
  sysexit: exitSystem,
};
