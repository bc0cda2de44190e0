import { endsFlow } from "./liveness.ts";
import { type Instruction, type MirFunction, type Operand } from "./mir.ts";
import { dropTests, peephole } from "./peephole.ts";
import { rotateLoops } from "./rotate.ts";
import { conditionOfJump, negate } from "./shapes.ts";

/** Cleans allocated code: vanished moves, zeroes, unreachable code and jumps to what follows. */
export function finish(mir: MirFunction): void {
  mir.instructions = mir.instructions.filter((instruction) => !isSelfMove(instruction));
  mir.instructions = peephole(mir.instructions);
  tidy(mir);
  mir.instructions = dropTests(rotateLoops(mir.instructions, () => mir.labels++));
  tidy(mir);
}

function tidy(mir: MirFunction): void {
  let before = -1;
  while (before !== mir.instructions.length) {
    before = mir.instructions.length;
    mir.instructions = dropUnreachable(mir.instructions);
    mir.instructions = straighten(mir.instructions);
  }
}

function same(a: Operand | undefined, b: Operand | undefined): boolean {
  if (a?.kind === "register" && b?.kind === "register") return a.reg === b.reg;
  return a?.kind === "slot" && b?.kind === "slot" && a.slot === b.slot;
}

function isSelfMove(instruction: Instruction): boolean {
  return instruction.mnemonic === "mov" && instruction.size === 32 && same(instruction.operands[0], instruction.operands[1]);
}

function dropUnreachable(instructions: readonly Instruction[]): Instruction[] {
  const used = new Set<number>();
  for (const instruction of instructions) {
    if (instruction.mnemonic === "label") continue;
    used.add(instruction.target);
    for (const target of instruction.targets) used.add(target);
  }
  let reachable = true;
  return instructions.filter((instruction) => {
    if (instruction.mnemonic === "label") {
      if (!used.has(instruction.target)) return false;
      reachable = true;
      return true;
    }
    if (!reachable) return false;
    if (endsFlow(instruction)) reachable = false;
    return true;
  });
}

/** Jumps to jumps go to their end; a jump to what follows vanishes; a conditional jump over a jump takes its place. */
function straighten(instructions: readonly Instruction[]): Instruction[] {
  const forward = forwarding(instructions);
  const result: Instruction[] = [];
  for (let index = 0; index < instructions.length; index++) {
    const original = instructions[index];
    if (!original) continue;
    const instruction =
      original.mnemonic === "label" || original.target < 0
        ? retarget(original, forward)
        : { ...original, target: resolve(forward, original.target) };
    const next = instructions[index + 1];
    if (isJump(instruction) && labelsFrom(instructions, index + 1).has(instruction.target)) continue;
    const inverse = inverted(instruction, next, instructions, index, forward);
    result.push(inverse ?? instruction);
    if (inverse) index++;
  }
  return result;
}

function isJump(instruction: Instruction): boolean {
  return instruction.target >= 0 && instruction.mnemonic !== "label";
}

function retarget(instruction: Instruction, forward: ReadonlyMap<number, number>): Instruction {
  return instruction.targets.length === 0
    ? instruction
    : { ...instruction, targets: instruction.targets.map((target) => resolve(forward, target)) };
}

/** Labels between `index` and the next instruction. */
function labelsFrom(instructions: readonly Instruction[], index: number): Set<number> {
  const labels = new Set<number>();
  for (let at = index; instructions[at]?.mnemonic === "label"; at++) labels.add(instructions[at]?.target ?? -1);
  return labels;
}

/** Where a label only leads on: to a jump, or to another label. */
function forwarding(instructions: readonly Instruction[]): Map<number, number> {
  const forward = new Map<number, number>();
  instructions.forEach((instruction, index) => {
    if (instruction.mnemonic !== "label") return;
    const next = instructions[index + 1];
    if (next?.mnemonic === "jmp" || next?.mnemonic === "label") forward.set(instruction.target, next.target);
  });
  return forward;
}

function resolve(forward: ReadonlyMap<number, number>, label: number): number {
  const seen = new Set<number>();
  let at = label;
  for (let next = forward.get(at); next !== undefined && !seen.has(at); next = forward.get(at)) {
    seen.add(at);
    at = next;
  }
  return at;
}

/** `jcc A; jmp B; A:` is `jncc B`. */
function inverted(
  instruction: Instruction,
  next: Instruction | undefined,
  instructions: readonly Instruction[],
  index: number,
  forward: ReadonlyMap<number, number>,
): Instruction | null {
  const condition = conditionOfJump(instruction.mnemonic);
  const original = instructions[index];
  if (!condition || next?.mnemonic !== "jmp" || !original) return null;
  const after = labelsFrom(instructions, index + 2);
  if (!after.has(original.target) && !after.has(instruction.target)) return null;
  return { ...instruction, mnemonic: `j${negate(condition)}`, target: resolve(forward, next.target) };
}
