import type { Binary, Expression, Statement } from "../wasm/tree.ts";
import { addressOf } from "./address.ts";
import type { Selection } from "./context.ts";
import { register, type MemoryOperand, type Operand } from "./mir.ts";
import { lowRegister, pairOf, wordsAt } from "./pairs.ts";
import { sameExpression } from "./uses.ts";
import { valueOf } from "./values.ts";
import { wrapped } from "./narrow.ts";

type Store = Extract<Statement, { kind: "store" }>;

export function storeWord(selection: Selection, store: Store): void {
  const { builder } = selection;
  if (store.width === 64) {
    const value = pairOf(selection, store.value);
    const address = wordsAt(addressOf(selection, store.address, store.offset));
    builder.emit("mov", [address.low, value.low]);
    builder.emit("mov", [address.high, value.high]);
    return;
  }
  if (updateInPlace(selection, store)) return;
  const value = narrowValue(selection, truncated(store.value, store.width), store.width);
  const address: MemoryOperand = addressOf(selection, store.address, store.offset);
  builder.emit("mov", [address, value], { size: store.width });
}

/** Mnemonics with a memory destination. */
export const inPlace: Readonly<Partial<Record<Binary["operator"], string>>> = { add: "add", sub: "sub", and: "and", or: "or", xor: "xor" };

/** `[m] = [m] op value` as one instruction; true when the store is such a one. */
function updateInPlace(selection: Selection, store: Store): boolean {
  const { value, address, offset, width } = store;
  if (width !== 32 || value.kind !== "binary" || value.type !== "i32") return false;
  const mnemonic = inPlace[value.operator];
  const { left, right } = value;
  if (mnemonic === undefined || left.kind !== "load" || left.width !== 32) return false;
  if (left.offset !== offset || !sameExpression(left.address, address)) return false;
  const operand = valueOf(selection, right);
  selection.builder.emit(mnemonic, [addressOf(selection, address, offset), operand]);
  return true;
}

function narrowValue(selection: Selection, value: Expression, width: 8 | 16 | 32): Operand {
  if (value.type === "i32") {
    const operand = valueOf(selection, value);
    return operand.kind === "immediate" ? { ...operand, value: width === 32 ? operand.value : operand.value & (2 ** width - 1) } : operand;
  }
  return register(lowRegister(selection, value));
}

/** Drops what only touches bits that the store leaves out. */
function truncated(value: Expression, width: 8 | 16 | 32): Expression {
  const narrow = value.type === "i64" ? lowWord(value) : value;
  if (width === 32) return narrow;
  if (narrow.kind === "unary" && (narrow.operator === "extend16" || (narrow.operator === "extend8" && width === 8)))
    return truncated(narrow.operand, width);
  if (narrow.kind === "binary" && narrow.operator === "and" && narrow.right.kind === "i32") {
    const kept = 2 ** width - 1;
    if ((narrow.right.value & kept) === kept) return truncated(narrow.left, width);
  }
  return narrow;
}

function lowWord(value: Expression): Expression {
  const narrow = wrapped(value);
  return narrow.kind === "unary" && narrow.operator === "wrap" ? narrow.operand : narrow;
}
