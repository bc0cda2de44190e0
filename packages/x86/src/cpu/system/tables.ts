import type { Instruction } from "@mercury/isa";
import { readMemory, writeMemory } from "../../mmu/access.ts";
import { at, eflags, LDTR, segment, TR } from "../../state/layout.ts";
import { readFlags, setStatusFlags } from "../../state/flags.ts";
import type { Core } from "../core.ts";
import {
  dplOf,
  findDescriptor,
  isCode,
  isConforming,
  isNull,
  isReadable,
  isSystem,
  isWritable,
  limitOf,
  rplOf,
  systemType,
  typeOf,
  type Descriptor,
} from "../descriptor.ts";
import { effectiveAddress, linearAddress, operandSize, READ, readOperand, WRITE, writeOperand } from "../operands.ts";
import { loadLocalTable, loadTaskRegister } from "../tasks.ts";
import { requireRing0 } from "./control-registers.ts";
import type { HostTable } from "./host.ts";

function storeTable(core: Core, instruction: Instruction, base: number, limit: number): void {
  const linear = linearAddress(core, instruction.segment, effectiveAddress(core, instruction), 6, WRITE);
  writeMemory(core, linear, core.state.get(limit), 2);
  writeMemory(core, (linear + 2) | 0, core.state.get(base), 4);
}

/** With a 16-bit operand size the base has 24 bits (SDM 2A "LGDT/LIDT"). */
function loadTable(core: Core, instruction: Instruction, base: number, limit: number): void {
  requireRing0(core);
  const linear = linearAddress(core, instruction.segment, effectiveAddress(core, instruction), 6, READ);
  const newLimit = readMemory(core, linear, 2);
  const address = readMemory(core, (linear + 2) | 0, 4);
  core.state.set(limit, newLimit);
  core.state.set(base, operandSize(instruction) === 4 ? address : address & 0xffffff);
}

function storeSelector(core: Core, instruction: Instruction, number: number): void {
  writeOperand(core, instruction, core.segment(number, segment.selector), instruction.memory ? 2 : operandSize(instruction));
}

function setZero(core: Core, zero: boolean): void {
  const flags = readFlags(core.state);
  setStatusFlags(core.state, zero ? flags | eflags.ZF : flags & ~eflags.ZF);
}

/** Whether CPL and RPL see a descriptor at all; conforming code is seen by all. */
function visible(core: Core, selector: number, descriptor: Descriptor): boolean {
  return isConforming(descriptor) || Math.max(core.cpl, rplOf(selector)) <= dplOf(descriptor);
}

function query(core: Core, instruction: Instruction): { selector: number; descriptor: Descriptor | undefined } {
  const selector = readOperand(core, instruction, 2);
  const descriptor = isNull(selector) ? undefined : findDescriptor(core, selector);
  return { selector, descriptor: descriptor !== undefined && visible(core, selector, descriptor) ? descriptor : undefined };
}

/** Types that LAR accepts, and those that have a limit for LSL (SDM 2A tables 3-53 and 3-56). */
const larTypes: readonly number[] = [
  systemType.tss16,
  systemType.ldt,
  systemType.busyTss16,
  systemType.callGate16,
  systemType.taskGate,
  systemType.tss32,
  systemType.busyTss32,
  systemType.callGate32,
];
const lslTypes: readonly number[] = [systemType.tss16, systemType.ldt, systemType.busyTss16, systemType.tss32, systemType.busyTss32];

function loadAccessRights(core: Core, instruction: Instruction): void {
  const { descriptor } = query(core, instruction);
  const valid = descriptor !== undefined && (!isSystem(descriptor) || larTypes.includes(typeOf(descriptor)));
  if (valid) core.state.setRegister(instruction.reg, operandSize(instruction), descriptor.high & 0x00ffff00);
  setZero(core, valid);
}

function loadLimit(core: Core, instruction: Instruction): void {
  const { descriptor } = query(core, instruction);
  const valid = descriptor !== undefined && (!isSystem(descriptor) || lslTypes.includes(typeOf(descriptor)));
  if (valid) core.state.setRegister(instruction.reg, operandSize(instruction), limitOf(descriptor));
  setZero(core, valid);
}

function verify(core: Core, instruction: Instruction, allows: (descriptor: Descriptor) => boolean): void {
  const { descriptor } = query(core, instruction);
  setZero(core, descriptor !== undefined && (isCode(descriptor) || !isSystem(descriptor)) && allows(descriptor));
}

/** ARPL: RPL of the destination is raised to that of the source (SDM 2A "ARPL"). */
function adjustRpl(core: Core, instruction: Instruction): void {
  // Memory is written, and faults as a write, only when something changes.
  const value = readOperand(core, instruction, 2);
  const rpl = rplOf(core.state.register(instruction.reg, 2));
  const raised = rplOf(value) < rpl;
  if (raised) writeOperand(core, instruction, (value & ~3) | rpl, 2);
  setZero(core, raised);
}

export const tables: HostTable = {
  sgdt: (core, instruction) => storeTable(core, instruction, at.gdtBase, at.gdtLimit),
  sidt: (core, instruction) => storeTable(core, instruction, at.idtBase, at.idtLimit),
  lgdt: (core, instruction) => loadTable(core, instruction, at.gdtBase, at.gdtLimit),
  lidt: (core, instruction) => loadTable(core, instruction, at.idtBase, at.idtLimit),
  sldt: (core, instruction) => storeSelector(core, instruction, LDTR),
  str: (core, instruction) => storeSelector(core, instruction, TR),
  lldt: (core, instruction) => {
    requireRing0(core);
    loadLocalTable(core, readOperand(core, instruction, 2));
  },
  ltr: (core, instruction) => {
    requireRing0(core);
    loadTaskRegister(core, readOperand(core, instruction, 2));
  },
  lar: loadAccessRights,
  lsl: loadLimit,
  verr: (core, instruction) => verify(core, instruction, isReadable),
  verw: (core, instruction) => verify(core, instruction, isWritable),
  arpl: adjustRpl,
};
