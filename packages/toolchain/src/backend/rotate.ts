import type { Instruction } from "./mir.ts";
import { conditionOfJump, negate, type Condition } from "./shapes.ts";

/** A loop's test of more instructions than this is not worth a second copy. */
const longestTest = 4;

interface Test {
  /** The instructions of the test, without the jump. */
  readonly code: readonly Instruction[];
  readonly condition: Condition;
  readonly exit: number;
  /** Index behind the jump. */
  readonly end: number;
}

/**
 * Turns `L: test; jcc exit; body; jmp L` into a loop that tests at its end: the jump back becomes a copy of the test and a conditional
 * jump behind the first one. Saves a taken jump per round.
 */
export function rotateLoops(instructions: readonly Instruction[], newLabel: () => number): Instruction[] {
  const tests = new Map<number, Test>();
  const entries = new Map<number, number>();
  const result: Instruction[] = [];
  const inserts = new Map<number, number>();
  const replaced = new Map<number, Test>();
  const places = new Map(
    instructions.flatMap((instruction, index) => (instruction.mnemonic === "label" ? [[instruction.target, index] as const] : [])),
  );
  instructions.forEach((instruction, index) => {
    const start = instruction.mnemonic === "jmp" ? places.get(instruction.target) : undefined;
    if (start === undefined || start > index) return;
    const test = tests.get(instruction.target) ?? testAt(instructions, start);
    if (!test || test.end > index) return;
    tests.set(instruction.target, test);
    if (!entries.has(instruction.target)) entries.set(instruction.target, newLabel());
    inserts.set(test.end, entries.get(instruction.target) ?? -1);
    replaced.set(index, test);
  });
  instructions.forEach((instruction, index) => {
    const label = inserts.get(index);
    if (label !== undefined) result.push(labelLike(instruction, label));
    const test = replaced.get(index);
    if (!test) result.push(instruction);
    else result.push(...repeated(instruction, test, entries.get(instruction.target) ?? -1));
  });
  return result;
}

/** The test that stands at a label, if it is short and ends in a conditional jump. */
function testAt(instructions: readonly Instruction[], start: number): Test | undefined {
  for (let index = start + 1; index <= start + 1 + longestTest; index++) {
    const instruction = instructions[index];
    if (!instruction) return undefined;
    const condition = conditionOfJump(instruction.mnemonic);
    if (condition) return { code: instructions.slice(start + 1, index), condition, exit: instruction.target, end: index + 1 };
    if (instruction.target >= 0 || instruction.targets.length > 0 || instruction.stack !== 0 || !isCopyable(instruction)) return undefined;
  }
  return undefined;
}

/** Patchable sites and calls stay single. */
function isCopyable(instruction: Instruction): boolean {
  return instruction.bytes === null && instruction.symbol === null && !["call", "ret", "ud2"].includes(instruction.mnemonic);
}

function repeated(jump: Instruction, test: Test, entry: number): Instruction[] {
  const back: Instruction = { ...jump, mnemonic: `j${negate(test.condition)}`, target: entry, flags: "read" };
  return [...test.code.map((instruction) => ({ ...instruction })), back, { ...jump, target: test.exit }];
}

function labelLike(instruction: Instruction, label: number): Instruction {
  return {
    ...instruction,
    mnemonic: "label",
    operands: [],
    original: [],
    roles: [],
    reads: [],
    writes: [],
    flags: "none",
    stack: 0,
    lock: false,
    target: label,
    targets: [],
    symbol: null,
    bytes: null,
    relocations: [],
    site: null,
    flagsOf: null,
  };
}
