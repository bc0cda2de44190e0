import { copyOf } from "./interfere.ts";
import { blocksOf, type Block } from "./liveness.ts";
import { firstVirtual, isVirtual, type Instruction, type MirFunction, type Operand, type Reg } from "./mir.ts";

/** Allocation put a value where another one is: a bug of the back end, found before the code can run. */
export class AllocationError extends Error {
  constructor(functionName: string, index: number, what: string) {
    super(`register model of ${functionName}, instruction ${index}: ${what}`);
    this.name = "AllocationError";
  }
}

/** A machine register (0 to 7), or 8 + number of a frame slot. */
type Place = number;

/** Which values (registers as selection named them) a place is known to hold. Machine registers are values of their own. */
type State = (readonly Reg[])[];

const nothing: readonly Reg[] = [];

/**
 * Follows every value through the allocated code and asserts that each read finds the value that selection meant, on every path. This is
 * independent of liveness and interference: it would see any live register that is overwritten. Also asserts that flags are read
 * right from the instruction that selection meant. Always on; throws {@link AllocationError}.
 */
export function checkAllocation(mir: MirFunction): void {
  const blocks = blocksOf(mir.instructions, 0);
  const entries: (State | undefined)[] = [entryState()];
  const work = [0];
  while (work.length > 0) {
    const index = work.pop() ?? 0;
    const block = blocks[index];
    const entry = entries[index];
    if (!block || !entry) continue;
    const state = flow(mir, block, entry, false);
    for (const successor of block.successors) {
      const merged = merge(entries[successor], state);
      if (!merged) continue;
      entries[successor] = merged;
      work.push(successor);
    }
  }
  blocks.forEach((block, index) => {
    const entry = entries[index];
    if (entry) flow(mir, block, entry, true);
  });
}

function entryState(): State {
  return Array.from({ length: firstVirtual }, (_, machine) => [machine]);
}

/** What both paths agree on; undefined when `old` already says no more. */
function merge(old: State | undefined, added: State): State | undefined {
  if (!old) return [...added];
  let changed = false;
  const result = Array.from({ length: old.length }, (_, place): readonly Reg[] => {
    const values = old[place] ?? nothing;
    const other = added[place] ?? nothing;
    if (values.every((value) => other.includes(value))) return values;
    changed = true;
    return values.filter((value) => other.includes(value));
  });
  return changed ? result : undefined;
}

function flow(mir: MirFunction, block: Block, entry: State, check: boolean): State {
  const state: State = [...entry];
  let flags: Instruction | null = null;
  for (let index = block.first; index < block.end; index++) {
    const instruction = mir.instructions[index];
    if (!instruction) continue;
    if (check) checkReads(mir.name, index, instruction, state, flags);
    step(instruction, state);
    if (instruction.flags === "write" || instruction.flags === "both") flags = instruction;
  }
  return state;
}

function placeOf(operand: Operand | undefined): Place | null {
  if (operand?.kind === "register") return operand.reg;
  return operand?.kind === "slot" ? firstVirtual + operand.slot : null;
}

function checkReads(name: string, index: number, instruction: Instruction, state: State, flags: Instruction | null): void {
  const expect = (value: Reg, place: Place | null): void => {
    if (place !== null && (state[place] ?? nothing).includes(value)) return;
    throw new AllocationError(name, index, `${instruction.mnemonic} reads register ${value}, which is not in place ${place ?? "none"}`);
  };
  for (const machine of instruction.reads) expect(machine, machine);
  if (instruction.flagsOf && instruction.flagsOf !== flags)
    throw new AllocationError(name, index, `${instruction.mnemonic} reads the flags of another instruction`);
  instruction.original?.forEach((original, position) => {
    const actual = instruction.operands[position];
    if (original.kind === "register" && instruction.roles[position] !== "write") expect(original.reg, placeOf(actual));
    if (original.kind !== "memory" || actual?.kind !== "memory") return;
    if (original.base !== null) expect(original.base, actual.base);
    if (original.index !== null) expect(original.index, actual.index);
  });
}

function step(instruction: Instruction, state: State): void {
  if (instruction.original === null) return copyPlace(instruction, state);
  const copy = copyOf(instruction, instruction.original);
  if (copy) return copyValue(instruction, copy.to, state);
  for (const machine of instruction.writes) define(machine, machine, state);
  instruction.original.forEach((original, position) => {
    const role = instruction.roles[position];
    if (original.kind !== "register" || (role !== "write" && role !== "modify")) return;
    const place = placeOf(instruction.operands[position]);
    if (place !== null) define(original.reg, place, state);
  });
}

function define(value: Reg, place: Place, state: State): void {
  forget(value, state);
  state[place] = [value];
}

/** The value is a new one: older copies of it are stale. */
function forget(value: Reg, state: State): void {
  for (let place = 0; place < state.length; place++) {
    const values = state[place];
    if (values?.includes(value)) state[place] = values.filter((other) => other !== value);
  }
}

/** A move that allocation added: the place takes over everything that the other holds. */
function copyPlace(instruction: Instruction, state: State): void {
  const to = placeOf(instruction.operands[0]);
  const from = placeOf(instruction.operands[1]);
  if (to === null || from === null) return;
  state[to] = state[from] ?? nothing;
}

/** A move of the program: its target place holds both names afterwards. */
function copyValue(instruction: Instruction, value: Reg, state: State): void {
  const to = placeOf(instruction.operands[0]);
  const from = placeOf(instruction.operands[1]);
  if (to === null || from === null) return;
  const held = state[from] ?? nothing;
  // A machine register as a value is bound to its own place: a copy of it elsewhere carries only the names of virtual registers.
  const names = held.filter((name) => name !== value && (isVirtual(name) || name === to));
  forget(value, state);
  state[to] = [...names, value];
}
