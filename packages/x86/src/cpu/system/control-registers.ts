import type { Instruction } from "@mercury/isa";
import { loadPointers } from "../../mmu/pae.ts";
import { flushAllTlbs, flushLocalPages, flushPage } from "../../mmu/tlb.ts";
import { at, cr0, cr4, segment } from "../../state/layout.ts";
import type { Core } from "../core.ts";
import { raise, raiseGeneral, vector } from "../exceptions.ts";
import { effectiveAddress, operandSize, readOperand, writeOperand } from "../operands.ts";
import { updateMode } from "../segments.ts";
import { moveDebug, updateBreakpoints } from "./debug-registers.ts";
import { CR4_BITS } from "./features.ts";
import type { HostTable } from "./host.ts";

/** #GP(0) outside ring 0 (SDM 3A 5.9). */
export function requireRing0(core: Core): void {
  if (core.cpl !== 0) raiseGeneral(core, 0);
}

/** Changes of these leave nothing in the TLB valid, and load the PDPTE registers anew where there are any (SDM 3A 4.4.1). */
const CR0_PAGING = cr0.PG | cr0.WP | cr0.PE;
const CR0_POINTERS = cr0.CD | cr0.NW | cr0.PG;
const CR4_PAGING = cr4.PSE | cr4.PAE | cr4.PGE;

/** With PAE paging, #GP(0) when the table at `table` has reserved bits set. */
function checkPointers(core: Core, cr0Value: number, cr4Value: number, table: number): void {
  if ((cr0Value & cr0.PG) !== 0 && (cr4Value & cr4.PAE) !== 0) loadPointers(core, table);
}

export function writeCr0(core: Core, value: number): void {
  if ((value & cr0.PG) !== 0 && (value & cr0.PE) === 0) raiseGeneral(core, 0);
  if ((value & cr0.NW) !== 0 && (value & cr0.CD) === 0) raiseGeneral(core, 0);
  const { state } = core;
  const before = state.get(at.cr0);
  // ET is fixed at 1 since the P6 (SDM 3A 2.5); bits that do not exist stay 0.
  const bits = cr0.PE | cr0.MP | cr0.EM | cr0.TS | cr0.NE | cr0.WP | cr0.AM | cr0.NW | cr0.CD | cr0.PG;
  const after = (value & bits) | cr0.ET;
  if (((before ^ after) & CR0_POINTERS) !== 0) checkPointers(core, after, state.get(at.cr4), state.get(at.cr3));
  state.set(at.cr0, after);
  if (((before ^ after) & CR0_PAGING) !== 0) flushAllTlbs(core);
  updateMode(core);
}

/** A load of CR3, by MOV or by a task switch: global pages stay in the TLB (SDM 3A 4.10.4.1). Bits that mean nothing are kept. */
export function writeCr3(core: Core, value: number): void {
  checkPointers(core, core.state.get(at.cr0), core.state.get(at.cr4), value);
  core.state.set(at.cr3, value);
  flushLocalPages(core);
}

function writeCr4(core: Core, value: number): void {
  if ((value & ~CR4_BITS) !== 0) raiseGeneral(core, 0);
  const { state } = core;
  const changed = state.get(at.cr4) ^ value;
  if ((changed & CR4_PAGING) !== 0) checkPointers(core, state.get(at.cr0), value, state.get(at.cr3));
  state.set(at.cr4, value);
  if ((changed & CR4_PAGING) !== 0) flushAllTlbs(core);
  updateMode(core);
  if ((changed & cr4.DE) !== 0) updateBreakpoints(core);
}

function writeControl(core: Core, number: number, value: number): void {
  if (number === 0) writeCr0(core, value);
  else if (number === 2) core.state.set(at.cr2, value);
  else if (number === 3) writeCr3(core, value);
  else writeCr4(core, value);
}

const controlOffsets: Readonly<Record<number, number>> = { 0: at.cr0, 2: at.cr2, 3: at.cr3, 4: at.cr4 };

function moveControl(core: Core, instruction: Instruction, write: boolean): void {
  const { reg, rm } = instruction;
  const offset = controlOffsets[reg];
  if (offset === undefined) raise(core, vector.UD);
  requireRing0(core);
  if (write) writeControl(core, reg, core.state.register(rm, 4));
  else core.state.setRegister(rm, 4, core.state.get(offset));
}

/** MOV to and from CRn and DRn: 0F 20 to 0F 23; bit 0 chooses DR, bit 1 the direction. */
export function moveSystemRegister(core: Core, instruction: Instruction): void {
  const write = (instruction.opcode & 2) !== 0;
  if ((instruction.opcode & 1) === 0) moveControl(core, instruction, write);
  else moveDebug(core, instruction, write);
}

/** SMSW stores 16 bits in memory, and all of CR0 in a 32-bit register (SDM 2B "SMSW"). */
function storeMachineStatus(core: Core, instruction: Instruction): void {
  const value = core.state.get(at.cr0);
  writeOperand(core, instruction, value, instruction.memory ? 2 : operandSize(instruction));
}

/** LMSW changes PE, MP, EM and TS, and cannot clear PE (SDM 2A "LMSW"). */
function loadMachineStatus(core: Core, instruction: Instruction): void {
  requireRing0(core);
  const value = readOperand(core, instruction, 2);
  const before = core.state.get(at.cr0);
  writeCr0(core, (before & ~(cr0.MP | cr0.EM | cr0.TS)) | (value & 0xf));
}

function invalidatePage(core: Core, instruction: Instruction): void {
  requireRing0(core);
  const offset = effectiveAddress(core, instruction);
  flushPage(core, (core.segment(instruction.segment, segment.base) + offset) | 0);
}

export const controlRegisters: HostTable = {
  smsw: storeMachineStatus,
  lmsw: loadMachineStatus,
  clts: (core) => {
    requireRing0(core);
    core.state.set(at.cr0, core.state.get(at.cr0) & ~cr0.TS);
    updateMode(core);
  },
  invlpg: invalidatePage,
  invd: requireRing0,
  wbinvd: requireRing0,
};
