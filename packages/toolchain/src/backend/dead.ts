import { BitSet, definitionsOf, liveness, walkBackward } from "./liveness.ts";
import { inMemory, isVirtual, type Instruction, type MirFunction } from "./mir.ts";
import { conditions } from "./shapes.ts";

/** Mnemonics that do nothing but compute their first operand (and flags). */
const pure: ReadonlySet<string> = new Set([
  "mov",
  "lea",
  "movzx",
  "movsx",
  "add",
  "adc",
  "sub",
  "sbb",
  "and",
  "or",
  "xor",
  "neg",
  "not",
  "shl",
  "shr",
  "sar",
  "rol",
  "ror",
  "shld",
  "shrd",
  "imul",
  "imul3",
  "bsf",
  "bsr",
  "bswap",
  ...conditions.flatMap((condition) => [`set${condition}`, `cmov${condition}`]),
]);

/** Passes over the function: the first finds all chains within a block, the second what those kept alive across blocks. */
const passes = 2;

/** Drops computations whose results nobody reads: zeroes of locals, unused words of pairs. */
export function dropDead(mir: MirFunction): void {
  for (let pass = 0; pass < passes; pass++) {
    const dead = findDead(mir);
    if (dead.size === 0) return;
    mir.instructions = mir.instructions.filter((instruction) => !dead.has(instruction));
  }
}

function findDead(mir: MirFunction): Set<Instruction> {
  const dead = new Set<Instruction>();
  const live = new BitSet(mir.registers);
  for (const block of liveness(mir.instructions, mir.registers)) {
    // Flags never live across a block's end: their reader follows their writer.
    let flagsLive = false;
    walkBackward(mir.instructions, block, live, (instruction) => {
      if (isDead(instruction, live, flagsLive)) {
        dead.add(instruction);
        return true;
      }
      if (instruction.flags !== "none") flagsLive = instruction.flags !== "write";
      return false;
    });
  }
  return dead;
}

function isDead(instruction: Instruction, live: BitSet, flagsLive: boolean): boolean {
  if (instruction.keep || !pure.has(instruction.mnemonic) || instruction.operands.length === 0) return false;
  if (flagsLive && instruction.flags !== "none" && instruction.flags !== "read") return false;
  const [target] = instruction.operands;
  if (!target || inMemory(target)) return false;
  return definitionsOf(instruction).every((reg) => isVirtual(reg) && !live.has(reg));
}
