import { eax, ecx, edx, type FlagUse, type Reg, type Role } from "./mir.ts";

/**
 * What register allocation has to know of an instruction: the role of each operand, which one of them may stand in memory, the
 * registers it uses unasked, and its flags (SDM volume 2, the instruction's page).
 */
export interface Shape {
  readonly roles: readonly Role[];
  /** Positions that may be a memory operand; at most one of them at a time is. */
  readonly memory: readonly number[];
  readonly flags: FlagUse;
  readonly reads: readonly Reg[];
  readonly writes: readonly Reg[];
}

interface Extra {
  readonly memory?: readonly number[];
  readonly flags?: FlagUse;
  readonly reads?: readonly Reg[];
  readonly writes?: readonly Reg[];
}

function shape(roles: readonly Role[], extra: Extra = {}): Shape {
  return { roles, memory: extra.memory ?? [], flags: extra.flags ?? "none", reads: extra.reads ?? [], writes: extra.writes ?? [] };
}

export const conditions = ["o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"] as const;
export type Condition = (typeof conditions)[number];

/** The condition that holds exactly when `condition` does not: the encodings differ in bit 0 (SDM 2D B.1.4.7). */
export function negate(condition: Condition): Condition {
  const index = conditions.indexOf(condition) ^ 1;
  return conditions[index] ?? condition;
}

const jumps: ReadonlyMap<string, Condition> = new Map(conditions.map((condition) => [`j${condition}`, condition]));

/** The condition of a conditional jump's mnemonic. */
export function conditionOfJump(mnemonic: string): Condition | undefined {
  return jumps.get(mnemonic);
}

const arithmetic = shape(["modify", "read"], { memory: [0, 1], flags: "write" });
const carrying = shape(["modify", "read"], { memory: [0, 1], flags: "both" });
const shift = shape(["modify", "read"], { memory: [0], flags: "write" });
const doubleShift = shape(["modify", "read", "read"], { memory: [0], flags: "write" });
const extend = shape(["write", "read"], { memory: [1] });
const widening = shape(["read"], { memory: [0], flags: "write", reads: [eax], writes: [eax, edx] });
const dividing = shape(["read"], { memory: [0], flags: "write", reads: [eax, edx], writes: [eax, edx] });

const rows: readonly (readonly [string, Shape])[] = [
  ["mov", shape(["write", "read"], { memory: [0, 1] })],
  ["lea", shape(["write", "address"])],
  ["movzx", extend],
  ["movsx", extend],
  ["add", arithmetic],
  ["sub", arithmetic],
  ["and", arithmetic],
  ["or", arithmetic],
  ["xor", arithmetic],
  ["adc", carrying],
  ["sbb", carrying],
  ["cmp", shape(["read", "read"], { memory: [0, 1], flags: "write" })],
  ["test", shape(["read", "read"], { memory: [0], flags: "write" })],
  ["neg", shape(["modify"], { memory: [0], flags: "write" })],
  ["not", shape(["modify"], { memory: [0] })],
  ["bswap", shape(["modify"])],
  ["shl", shift],
  ["shr", shift],
  ["sar", shift],
  ["rol", shift],
  ["ror", shift],
  ["shld", doubleShift],
  ["shrd", doubleShift],
  ["imul", shape(["modify", "read"], { memory: [1], flags: "write" })],
  // Three operands: a product of the second and a constant.
  ["imul3", shape(["write", "read", "read"], { memory: [1], flags: "write" })],
  // One operand: edx:eax = eax * operand.
  ["mul1", widening],
  ["imul1", widening],
  ["div", dividing],
  ["idiv", dividing],
  ["cdq", shape([], { reads: [eax], writes: [edx] })],
  ["bsf", shape(["write", "read"], { memory: [1], flags: "write" })],
  ["bsr", shape(["write", "read"], { memory: [1], flags: "write" })],
  ["push", shape(["read"], { memory: [0] })],
  ["pop", shape(["write"], { memory: [0] })],
  ["call", shape(["read"], { memory: [0], flags: "write", writes: [eax, ecx, edx] })],
  ["callSymbol", shape([], { flags: "write", writes: [eax, ecx, edx] })],
  ["label", shape([])],
  ["jmp", shape([])],
  ["jumpTable", shape(["read"])],
  ["ret", shape([])],
  ["ud2", shape([])],
  ...conditions.flatMap((condition): [string, Shape][] => [
    [`j${condition}`, shape([], { flags: "read" })],
    [`set${condition}`, shape(["write"], { memory: [0], flags: "read" })],
    [`cmov${condition}`, shape(["modify", "read"], { memory: [1], flags: "read" })],
  ]),
];

const shapes: ReadonlyMap<string, Shape> = new Map(rows);

/** The shape of an instruction that selection uses; machine intrinsics bring their own. */
export function shapeOf(mnemonic: string): Shape | undefined {
  return shapes.get(mnemonic);
}
