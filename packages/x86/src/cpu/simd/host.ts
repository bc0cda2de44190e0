import type { Instruction } from "@mercury/isa";
import { probe, readMemory, requireAlignment, writeMemory } from "../../mmu/access.ts";
import { at } from "../../state/layout.ts";
import type { Core } from "../core.ts";
import { raiseGeneral } from "../exceptions.ts";
import { addressSize, effectiveAddress, linearAddress, READ, readAt, WRITE, writeAt } from "../operands.ts";
import type { HostTable } from "../system/host.ts";
import { requireMmx, requireXmm } from "./availability.ts";
import { restoreExtended, saveExtended } from "./fxsave.ts";
import { MXCSR_MASK } from "./mxcsr.ts";

function loadMxcsr(core: Core, instruction: Instruction): void {
  requireXmm(core);
  const value = readAt(core, instruction.segment, effectiveAddress(core, instruction), 4);
  if ((value & ~MXCSR_MASK) !== 0) raiseGeneral(core, 0);
  core.state.set(at.mxcsr, value);
}

function storeMxcsr(core: Core, instruction: Instruction): void {
  requireXmm(core);
  writeAt(core, instruction.segment, effectiveAddress(core, instruction), core.state.get(at.mxcsr), 4);
}

const EDI = 7;
const DS = 3;

/** MASKMOVQ, MASKMOVDQU: to seg:(E)DI the bytes whose mask has its highest bit set (SDM 2B). */
function moveMasked(core: Core, instruction: Instruction, size: 8 | 16): void {
  const { state } = core;
  const slot = (number: number): number => (size === 8 ? at.fpuRegisters : at.xmm) + number * 16;
  const bytes = Array.from({ length: size }, (_, index) => index).filter(
    (index) => state.view.getUint8(slot(instruction.rm) + index) >= 0x80,
  );
  const segment = instruction.segmentOverride >= 0 ? instruction.segmentOverride : DS;
  const linear = linearAddress(core, segment, state.register(EDI, addressSize(instruction)), size, WRITE);
  // The manual names no alignment for them; hosts want 8 of both.
  requireAlignment(core, linear, 8);
  // Even a mask of zeros is checked (implementation-specific: SDM 2B "MASKMOVDQU").
  probe(core, linear, size, true, 0);
  for (const index of bytes) writeMemory(core, (linear + index) | 0, state.view.getUint8(slot(instruction.reg) + index), 1);
  if (size === 8) enterMmx(core);
}

/** What generated code does after MMX instructions, for those of the host (SDM 1 9.5). */
function enterMmx(core: Core): void {
  core.state.set(at.fpuTop, 0);
  core.state.set(at.fpuTags, 0xff);
}

/** Faults as a read of one byte would; there is no cache to flush (SDM 2A "CLFLUSH"). */
function flushLine(core: Core, instruction: Instruction): void {
  readMemory(core, linearAddress(core, instruction.segment, effectiveAddress(core, instruction), 1, READ), 1);
}

export const simdHost: HostTable = {
  ldmxcsr: loadMxcsr,
  stmxcsr: storeMxcsr,
  fxsave: saveExtended,
  fxrstor: restoreExtended,
  clflush: flushLine,
  maskmovq: (core, instruction) => {
    requireMmx(core);
    moveMasked(core, instruction, 8);
  },
  maskmovdqu: (core, instruction) => {
    requireXmm(core);
    moveMasked(core, instruction, 16);
  },
};
