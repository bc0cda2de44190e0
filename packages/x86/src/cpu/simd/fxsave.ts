import type { Instruction } from "@mercury/isa";
import { probe, readMemory, requireAlignment, writeMemory } from "../../mmu/access.ts";
import { at, cr0, cr4 } from "../../state/layout.ts";
import type { StateBlock } from "../../state/memory.ts";
import type { Core } from "../core.ts";
import { setStatus } from "../fpu/pending.ts";
import { CONTROL_BITS, CONTROL_FIXED } from "../fpu/status.ts";
import { raise, raiseGeneral, vector } from "../exceptions.ts";
import { effectiveAddress, linearAddress, READ, WRITE } from "../operands.ts";
import { MXCSR_MASK } from "./mxcsr.ts";

/** Offsets in the image of FXSAVE (SDM 1 table 10-2). */
const image = { control: 0, status: 2, tags: 4, opcode: 6, ip: 8, cs: 12, dp: 16, ds: 20, mxcsr: 24, mask: 28, st: 32, xmm: 160 } as const;
const IMAGE_SIZE = 512;
/** TOP in the status word. */
const TOP_SHIFT = 11;

/** Linear address of the image: #NM with EM or TS, #AC, if that is enabled, or #GP(0) if it is not on a 16-byte boundary (SDM 2A "FXSAVE"). */
function imageAddress(core: Core, instruction: Instruction, need: number): number {
  if ((core.state.get(at.cr0) & (cr0.EM | cr0.TS)) !== 0) raise(core, vector.NM);
  const linear = linearAddress(core, instruction.segment, effectiveAddress(core, instruction), IMAGE_SIZE, need);
  requireAlignment(core, linear, 16);
  if ((linear & 15) !== 0) raiseGeneral(core, 0);
  probe(core, linear, IMAGE_SIZE, need === WRITE, 0);
  return linear;
}

const hasXmm = (core: Core): boolean => (core.state.get(at.cr4) & cr4.OSFXSR) !== 0;

/** Reserved parts of the image stay as they are. */
export function saveExtended(core: Core, instruction: Instruction): void {
  const linear = imageAddress(core, instruction, WRITE);
  encodeExtended(core.state, hasXmm(core), (offset, value) => writeMemory(core, (linear + offset) | 0, value, 4));
}

export function restoreExtended(core: Core, instruction: Instruction): void {
  const linear = imageAddress(core, instruction, READ);
  const get = (offset: number): number => readMemory(core, (linear + offset) | 0, 4);
  if (hasXmm(core) && (get(image.mxcsr) & ~MXCSR_MASK) !== 0) raiseGeneral(core, 0);
  decodeExtended(core, hasXmm(core), get);
}

/** x87 and, if wanted, XMM state as an FXSAVE image; `put` gets 32-bit words by offset. */
export function encodeExtended(state: StateBlock, xmm: boolean, put: (offset: number, value: number) => void): void {
  const top = state.get(at.fpuTop);
  put(image.control, state.get(at.fpuControl) | ((state.get(at.fpuStatus) | (top << TOP_SHIFT)) << 16));
  put(image.tags, state.get(at.fpuTags) | (state.get(at.fpuOpcode) << 16));
  put(image.ip, state.get(at.fpuInstructionOffset));
  put(image.cs, state.get(at.fpuInstructionSelector));
  put(image.dp, state.get(at.fpuDataOffset));
  put(image.ds, state.get(at.fpuDataSelector));
  put(image.mxcsr, state.get(at.mxcsr));
  put(image.mask, MXCSR_MASK);
  for (let number = 0; number < 8; number++) {
    const from = at.fpuRegisters + ((top + number) & 7) * 16;
    for (let word = 0; word < 16; word += 4) put(image.st + number * 16 + word, word === 12 ? 0 : partOf(state.get(from + word), word));
  }
  for (let word = 0; xmm && word < 128; word += 4) put(image.xmm + word, state.get(at.xmm + word));
}

/** Of a register's third word only sign and exponent count. */
const partOf = (value: number, word: number): number => (word === 8 ? value & 0xffff : value);

/** The reverse of {@link encodeExtended}. */
export function decodeExtended(core: Core, xmm: boolean, get: (offset: number) => number): void {
  const { state } = core;
  const control = get(image.control) & 0xffff;
  const status = get(image.control) >>> 16;
  const top = (status >> TOP_SHIFT) & 7;
  state.set(at.fpuControl, (control & CONTROL_BITS) | CONTROL_FIXED);
  setStatus(core, status & ~(7 << TOP_SHIFT));
  state.set(at.fpuTop, top);
  state.set(at.fpuTags, get(image.tags) & 0xff);
  state.set(at.fpuOpcode, (get(image.tags) >>> 16) & 0x7ff);
  state.set(at.fpuInstructionOffset, get(image.ip));
  state.set(at.fpuInstructionSelector, get(image.cs) & 0xffff);
  state.set(at.fpuDataOffset, get(image.dp));
  state.set(at.fpuDataSelector, get(image.ds) & 0xffff);
  for (let number = 0; number < 8; number++) {
    const to = at.fpuRegisters + ((top + number) & 7) * 16;
    for (let word = 0; word < 12; word += 4) state.set(to + word, partOf(get(image.st + number * 16 + word), word));
  }
  if (!xmm) return;
  state.set(at.mxcsr, get(image.mxcsr));
  for (let word = 0; word < 128; word += 4) state.set(at.xmm + word, get(image.xmm + word));
}
