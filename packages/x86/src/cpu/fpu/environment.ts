/** The images of FSTENV and FSAVE in memory (SDM 1 8.1.10, figures 8-9 to 8-12). */
import type { Instruction } from "@mercury/isa";
import { at } from "../../state/layout.ts";
import { probeWrite, readMemory, requireAlignment, writeMemory } from "../../mmu/access.ts";
import type { Core } from "../core.ts";
import { effectiveAddress, linearAddress, operandSize, READ, WRITE } from "../operands.ts";
import { segmentsAreParagraphs } from "../segments.ts";
import { fromBits, readLinear, toBits, writeLinear } from "./memory.ts";
import { kindOf } from "./number.ts";
import { setStatus } from "./pending.ts";
import { physical, readPhysical, writePhysical } from "./stack.ts";
import { CONTROL_BITS, CONTROL_FIXED } from "./status.ts";

const REGISTERS = 8;
const REGISTER_BYTES = 10;

/** Tags of two bits (SDM 1 8.1.7). */
const tag = { valid: 0, zero: 1, special: 2, empty: 3 } as const;

const tagOf = (core: Core, number: number): number => {
  if (((core.state.get(at.fpuTags) >> number) & 1) === 0) return tag.empty;
  const kind = kindOf(readPhysical(core, number));
  return kind === "zero" ? tag.zero : kind === "normal" ? tag.valid : tag.special;
};

export function statusWord(core: Core): number {
  return core.state.get(at.fpuStatus) | (core.state.get(at.fpuTop) << 11);
}

function tagWord(core: Core): number {
  let word = 0;
  for (let number = 0; number < REGISTERS; number++) word |= tagOf(core, number) << (number * 2);
  return word;
}

/** The seven fields of an environment: control, status, tags, then the pointers. */
type Fields = readonly [number, number, number, number, number, number, number];

function protectedFields(core: Core, wide: boolean): Fields {
  const { state } = core;
  const selector = state.get(at.fpuInstructionSelector);
  const code = wide ? selector | (state.get(at.fpuOpcode) << 16) : selector;
  return [
    ...words(core),
    state.get(at.fpuInstructionOffset),
    code,
    state.get(at.fpuDataOffset),
    wide ? state.get(at.fpuDataSelector) | 0xffff0000 : state.get(at.fpuDataSelector),
  ];
}

const words = (core: Core): readonly [number, number, number] => [core.state.get(at.fpuControl), statusWord(core), tagWord(core)];

/** Real and virtual-8086 mode have linear addresses instead of selectors. */
function realFields(core: Core, wide: boolean): Fields {
  const { state } = core;
  const linear = (offset: number, selector: number): number => (state.get(offset) + (state.get(selector) << 4)) | 0;
  const code = linear(at.fpuInstructionOffset, at.fpuInstructionSelector);
  const data = linear(at.fpuDataOffset, at.fpuDataSelector);
  const opcode = state.get(at.fpuOpcode);
  // 16 bits of address; the others from bit 12 on, four of them in the short format.
  const high = (address: number): number => (wide ? (address >>> 16) << 12 : ((address >>> 16) & 15) << 12);
  const low = (address: number): number => (wide ? (address & 0xffff) | 0xffff0000 : address & 0xffff);
  return [...words(core), low(code), high(code) | opcode, low(data), high(data)];
}

interface Place {
  readonly linear: number;
  /** Bytes of a field. */
  readonly size: 2 | 4;
}

function placeOf(core: Core, instruction: Instruction, bytes: number, need: number): Place {
  const offset = effectiveAddress(core, instruction);
  const size = operandSize(instruction);
  const linear = linearAddress(core, instruction.segment, offset, size * 7 + bytes, need);
  // An image is aligned as its fields are (SDM 3A table 6-7).
  requireAlignment(core, linear, size);
  return { linear, size };
}

/** Makes sure that an image can be written, so that a fault leaves nothing half done. */
function probe(core: Core, { linear, size }: Place, bytes: number): void {
  probeWrite(core, linear, 1, 0);
  probeWrite(core, (linear + size * 7 + bytes - 1) | 0, 1, 0);
}

function writeFields(core: Core, { linear, size }: Place): void {
  const wide = size === 4;
  const fields = segmentsAreParagraphs(core) ? realFields(core, wide) : protectedFields(core, wide);
  // The upper halves of the first three are ones.
  for (const [index, value] of fields.entries())
    writeMemory(core, (linear + index * size) | 0, wide && index < 3 ? value | 0xffff0000 : value, size);
}

export function storeEnvironment(core: Core, instruction: Instruction): void {
  const place = placeOf(core, instruction, 0, WRITE);
  probe(core, place, 0);
  writeFields(core, place);
}

/** Environment, then ST(0) to ST(7). */
export function storeAll(core: Core, instruction: Instruction): void {
  const place = placeOf(core, instruction, REGISTERS * REGISTER_BYTES, WRITE);
  probe(core, place, REGISTERS * REGISTER_BYTES);
  writeFields(core, place);
  for (let i = 0; i < REGISTERS; i++) {
    const linear = (place.linear + place.size * 7 + i * REGISTER_BYTES) | 0;
    writeLinear(core, linear, toBits(readPhysical(core, physical(core, i))), REGISTER_BYTES);
  }
}

function readFields(core: Core, { linear, size }: Place): Fields {
  const field = (index: number): number => readMemory(core, (linear + index * size) | 0, size);
  return [field(0), field(1), field(2), field(3), field(4), field(5), field(6)];
}

function commit(core: Core, [control, status, tags, ...pointers]: Fields, wide: boolean): void {
  const { state } = core;
  state.set(at.fpuControl, (control & CONTROL_BITS) | CONTROL_FIXED);
  state.set(at.fpuTop, (status >> 11) & 7);
  setStatus(core, status);
  let present = 0;
  for (let number = 0; number < REGISTERS; number++) if (((tags >> (number * 2)) & 3) !== tag.empty) present |= 1 << number;
  state.set(at.fpuTags, present);
  if (segmentsAreParagraphs(core)) commitReal(core, pointers, wide);
  else commitProtected(core, pointers, wide);
}

type Pointers = readonly [number, number, number, number];

function commitProtected(core: Core, [offset, code, data, selector]: Pointers, wide: boolean): void {
  const { state } = core;
  state.set(at.fpuInstructionOffset, offset);
  state.set(at.fpuInstructionSelector, code & 0xffff);
  // The short format has no room for the opcode.
  state.set(at.fpuOpcode, wide ? (code >>> 16) & 0x7ff : 0);
  state.set(at.fpuDataOffset, data);
  state.set(at.fpuDataSelector, selector & 0xffff);
}

function commitReal(core: Core, [codeLow, codeHigh, dataLow, dataHigh]: Pointers, wide: boolean): void {
  const { state } = core;
  const address = (low: number, high: number): number => (low & 0xffff) | (((high >>> 12) & (wide ? 0xffff : 15)) << 16);
  state.set(at.fpuInstructionOffset, address(codeLow, codeHigh));
  state.set(at.fpuInstructionSelector, 0);
  state.set(at.fpuOpcode, codeHigh & 0x7ff);
  state.set(at.fpuDataOffset, address(dataLow, dataHigh));
  state.set(at.fpuDataSelector, 0);
}

export function loadEnvironment(core: Core, instruction: Instruction): void {
  const place = placeOf(core, instruction, 0, READ);
  commit(core, readFields(core, place), place.size === 4);
}

export function loadAll(core: Core, instruction: Instruction): void {
  const place = placeOf(core, instruction, REGISTERS * REGISTER_BYTES, READ);
  const fields = readFields(core, place);
  const values = Array.from({ length: REGISTERS }, (_, i) =>
    fromBits(readLinear(core, (place.linear + place.size * 7 + i * REGISTER_BYTES) | 0, REGISTER_BYTES)),
  );
  commit(core, fields, place.size === 4);
  for (const [i, value] of values.entries()) writePhysical(core, physical(core, i), value);
}
