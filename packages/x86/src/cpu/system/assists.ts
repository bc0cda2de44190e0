import type { Instruction } from "@mercury/isa";
import { readFlags, setStatusFlags } from "../../state/flags.ts";
import { at, eflags, segment, SS } from "../../state/layout.ts";
import { probeWrite, requireAlignment } from "../../mmu/access.ts";
import type { Core } from "../core.ts";
import { raise, vector } from "../exceptions.ts";
import { addressSize, effectiveAddress, linearAddress, operandSize, readAt, readForUpdateAt, WRITE, writeAt } from "../operands.ts";
import { Stack } from "../stack.ts";
import { decimal } from "./decimal.ts";
import type { HostTable } from "./host.ts";

const EAX = 0;
const EBX = 3;
const ESP = 4;
const EBP = 5;

/** AL = DS:[(E)BX + AL] (SDM 2B "XLAT"). */
function translateByte(core: Core, instruction: Instruction): void {
  const { state } = core;
  const size = addressSize(instruction);
  const sum = state.register(EBX, size) + state.register(EAX, 1);
  const offset = size === 4 ? sum | 0 : sum & 0xffff;
  const number = instruction.segmentOverride >= 0 ? instruction.segmentOverride : 3;
  state.setRegister(EAX, 1, readAt(core, number, offset, 1));
}

/** The destination is written in either case, so it must be writable (SDM 2A "CMPXCHG8B"). */
function compareAndExchange8(core: Core, instruction: Instruction): void {
  const { state } = core;
  const offset = effectiveAddress(core, instruction);
  const linear = linearAddress(core, instruction.segment, offset, 8, WRITE);
  requireAlignment(core, linear, 8);
  probeWrite(core, linear, 8, 0);
  const low = readForUpdateAt(core, instruction.segment, offset, 4);
  const high = readForUpdateAt(core, instruction.segment, (offset + 4) | 0, 4);
  const equal = low === state.get(at.eax) && high === state.get(at.edx);
  writeAt(core, instruction.segment, offset, equal ? state.get(at.ebx) : low, 4);
  writeAt(core, instruction.segment, (offset + 4) | 0, equal ? state.get(at.ecx) : high, 4);
  if (!equal) {
    state.set(at.eax, low);
    state.set(at.edx, high);
  }
  const flags = readFlags(state);
  setStatusFlags(state, equal ? flags | eflags.ZF : flags & ~eflags.ZF);
}

function pushAll(core: Core, instruction: Instruction): void {
  const size = operandSize(instruction);
  const stack = Stack.current(core);
  // ESP is pushed as it was before the first push, which is what the register still holds.
  for (let number = 0; number < 8; number++) stack.push(core.state.register(number, size), size);
  stack.commit();
}

function popAll(core: Core, instruction: Instruction): void {
  const size = operandSize(instruction);
  const stack = Stack.current(core);
  const values: number[] = [];
  for (let number = 7; number >= 0; number--) values[number] = stack.pop(size);
  for (const [number, value] of values.entries()) if (number !== ESP) core.state.setRegister(number, size, value);
  stack.commit();
}

/** SDM 2A "ENTER": frame pointers of the enclosing levels are copied. */
function enter(core: Core, instruction: Instruction): void {
  const { state } = core;
  const size = operandSize(instruction);
  const level = instruction.immediate2 & 31;
  const stack = Stack.current(core);
  stack.push(state.register(EBP, size), size);
  const frame = stack.pointer;
  const big = (core.segment(SS, segment.attributes) & 0x4000) !== 0;
  let outer = state.get(at.ebp);
  for (let depth = 1; depth < level; depth++) {
    outer = big ? (outer - size) | 0 : (outer & ~0xffff) | ((outer - size) & 0xffff);
    stack.push(readAt(core, SS, big ? outer : outer & 0xffff, size), size);
  }
  if (level > 0) stack.push(frame, size);
  stack.release(-(instruction.immediate & 0xffff));
  // The new top must be writable, though nothing is written there.
  probeWrite(core, linearAddress(core, SS, big ? stack.pointer : stack.pointer & 0xffff, size, WRITE), size, 0);
  state.setRegister(EBP, size, frame);
  stack.commit();
}

/** Signed, both bounds included (SDM 2A "BOUND"). */
function checkBounds(core: Core, instruction: Instruction): void {
  const size = operandSize(instruction);
  const offset = effectiveAddress(core, instruction);
  const signed = (value: number): number => (size === 4 ? value | 0 : (value << 16) >> 16);
  const index = signed(core.state.register(instruction.reg, size));
  const lower = signed(readAt(core, instruction.segment, offset, size));
  const upper = signed(readAt(core, instruction.segment, (offset + size) | 0, size));
  if (index < lower || index > upper) raise(core, vector.BR);
}

export const assists: HostTable = {
  ...decimal,
  xlat: translateByte,
  cmpxchg8b: compareAndExchange8,
  pusha: pushAll,
  popa: popAll,
  enter,
  bound: checkBounds,
};
