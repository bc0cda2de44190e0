import type { ValueType } from "./module.ts";
import type { BinaryOperator, Comparison, UnaryOperator, Width } from "./tree.ts";

/** What an instruction without control flow does to the operand stack (Core Specification 5.4). */
export type OpcodeRow =
  | { readonly kind: "load"; readonly type: ValueType; readonly width: Width; readonly signed: boolean }
  | { readonly kind: "store"; readonly width: Width }
  | { readonly kind: "unary"; readonly type: ValueType; readonly operator: UnaryOperator }
  | { readonly kind: "binary"; readonly operator: BinaryOperator }
  | { readonly kind: "compare"; readonly operator: Comparison };

const load = (type: ValueType, width: Width, signed = false): OpcodeRow => ({ kind: "load", type, width, signed });
const store = (width: Width): OpcodeRow => ({ kind: "store", width });
const unary = (type: ValueType, operator: UnaryOperator): OpcodeRow => ({ kind: "unary", type, operator });
const binary = (operator: BinaryOperator): OpcodeRow => ({ kind: "binary", operator });
const compare = (operator: Comparison): OpcodeRow => ({ kind: "compare", operator });

const comparisons: readonly Comparison[] = [
  "eq",
  "ne",
  "ltSigned",
  "ltUnsigned",
  "gtSigned",
  "gtUnsigned",
  "leSigned",
  "leUnsigned",
  "geSigned",
  "geUnsigned",
];

/** The order of both integer types' arithmetic opcodes: 6A..78 and 7C..8A. */
const arithmetic: readonly BinaryOperator[] = [
  "add",
  "sub",
  "mul",
  "divSigned",
  "divUnsigned",
  "remSigned",
  "remUnsigned",
  "and",
  "or",
  "xor",
  "shl",
  "shrSigned",
  "shrUnsigned",
  "rotl",
  "rotr",
];

function rowsFrom(first: number, rows: readonly OpcodeRow[]): [number, OpcodeRow][] {
  return rows.map((row, index) => [first + index, row]);
}

/** Integer instructions by opcode; what is absent and is no control instruction is a float or vector instruction. */
export const opcodes: ReadonlyMap<number, OpcodeRow> = new Map([
  [0x28, load("i32", 32)],
  [0x29, load("i64", 64)],
  ...rowsFrom(0x2c, [
    load("i32", 8, true),
    load("i32", 8),
    load("i32", 16, true),
    load("i32", 16),
    load("i64", 8, true),
    load("i64", 8),
    load("i64", 16, true),
    load("i64", 16),
    load("i64", 32, true),
    load("i64", 32),
    store(32),
    store(64),
  ]),
  ...rowsFrom(0x3a, [store(8), store(16), store(8), store(16), store(32)]),
  [0x45, unary("i32", "eqz")],
  ...rowsFrom(0x46, comparisons.map(compare)),
  [0x50, unary("i32", "eqz")],
  ...rowsFrom(0x51, comparisons.map(compare)),
  ...rowsFrom(0x67, [unary("i32", "clz"), unary("i32", "ctz"), unary("i32", "popcnt")]),
  ...rowsFrom(0x6a, arithmetic.map(binary)),
  ...rowsFrom(0x79, [unary("i64", "clz"), unary("i64", "ctz"), unary("i64", "popcnt")]),
  ...rowsFrom(0x7c, arithmetic.map(binary)),
  [0xa7, unary("i32", "wrap")],
  [0xac, unary("i64", "extendSigned")],
  [0xad, unary("i64", "extendUnsigned")],
  ...rowsFrom(0xc0, [
    unary("i32", "extend8"),
    unary("i32", "extend16"),
    unary("i64", "extend8"),
    unary("i64", "extend16"),
    unary("i64", "extend32"),
  ]),
] as [number, OpcodeRow][]);

/** Control and variable instructions, which the body reader handles one by one. */
export const control = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  drop: 0x1a,
  select: 0x1b,
  selectTyped: 0x1c,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  prefixed: 0xfc,
} as const;

/** Second opcodes behind 0xFC. */
export const bulk = { memoryCopy: 10, memoryFill: 11 } as const;
