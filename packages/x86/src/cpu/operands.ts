import type { Instruction } from "@mercury/isa";
import { readForUpdate, readMemory, writeMemory } from "../mmu/access.ts";
import { segment, SS } from "../state/layout.ts";
import type { Core } from "./core.ts";
import { raise, vector } from "./exceptions.ts";

export const READ = 1;
export const WRITE = 2;

export const operandSize = ({ operandSize: bits }: Instruction): 2 | 4 => (bits === 32 ? 4 : 2);
export const addressSize = ({ addressSize: bits }: Instruction): 2 | 4 => (bits === 32 ? 4 : 2);

/** Offset of the memory operand in its segment. */
export function effectiveAddress(core: Core, instruction: Instruction): number {
  const { state } = core;
  let offset = instruction.displacement;
  if (instruction.base >= 0) offset += state.register(instruction.base, 4);
  if (instruction.index >= 0) offset += state.register(instruction.index, 4) * instruction.scale;
  return instruction.addressSize === 32 ? offset | 0 : offset & 0xffff;
}

/** Linear address of `size` bytes in a segment; #SS or #GP when type or limit forbid them (SDM 3A 5.3, 5.4.1). */
export function linearAddress(core: Core, number: number, offset: number, size: number, need: number): number {
  const first = offset >>> 0;
  const low = core.segment(number, segment.low) >>> 0;
  const high = core.segment(number, segment.high) >>> 0;
  const allowed = (core.segment(number, segment.rights) & need) !== 0;
  // In a flat segment of 4 GB addresses wrap.
  if (allowed && high === 0xffffffff && low === 0 && core.segment(number, segment.base) === 0) return offset;
  if (!allowed || first < low || first > high || high - first < size - 1) raise(core, number === SS ? vector.SS : vector.GP, 0);
  return (core.segment(number, segment.base) + offset) | 0;
}

export function readAt(core: Core, number: number, offset: number, size: 1 | 2 | 4): number {
  return readMemory(core, linearAddress(core, number, offset, size, READ), size);
}

export function writeAt(core: Core, number: number, offset: number, value: number, size: 1 | 2 | 4): void {
  writeMemory(core, linearAddress(core, number, offset, size, WRITE), value, size);
}

/** Faults as a write would. */
export function readForUpdateAt(core: Core, number: number, offset: number, size: 1 | 2 | 4): number {
  return readForUpdate(core, linearAddress(core, number, offset, size, WRITE), size);
}

/** The operand by ModRM.rm. */
export function readOperand(core: Core, instruction: Instruction, size: 1 | 2 | 4): number {
  if (!instruction.memory) return core.state.register(instruction.rm, size);
  return readAt(core, instruction.segment, effectiveAddress(core, instruction), size);
}

export function writeOperand(core: Core, instruction: Instruction, value: number, size: 1 | 2 | 4): void {
  if (!instruction.memory) core.state.setRegister(instruction.rm, size, value);
  else writeAt(core, instruction.segment, effectiveAddress(core, instruction), value, size);
}

/** A far pointer in memory: offset, then selector. */
export function readFarPointer(core: Core, instruction: Instruction): { offset: number; selector: number } {
  const size = operandSize(instruction);
  const address = effectiveAddress(core, instruction);
  const linear = linearAddress(core, instruction.segment, address, size + 2, READ);
  return { offset: readMemory(core, linear, size), selector: readMemory(core, (linear + size) | 0, 2) };
}
