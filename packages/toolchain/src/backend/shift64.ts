import type { Binary } from "../wasm/tree.ts";
import { pairOf as pairOfRegisters, type Pair, type RegPair, type Selection } from "./context.ts";
import { ecx, immediate, register, type Operand, type Reg } from "./mir.ts";
import { freshPair, pairOf } from "./pairs.ts";

type Shift = "shl" | "shrSigned" | "shrUnsigned" | "rotl" | "rotr";

/** Shifts and rotations of i64; the count is taken modulo 64. */
export function shift64(selection: Selection, expression: Binary, operator: Shift): Pair {
  const count = expression.right;
  if (count.kind === "i64") return shiftBy(selection, operator, pairOf(selection, expression.left), Number(count.value & 63n));
  const amount = pairOf(selection, count).low;
  const value = freshPair(selection, expression.left);
  if (operator === "rotl" || operator === "rotr") return rotateVariable(selection, operator, value, amount);
  return shiftVariable(selection, operator, value, amount);
}

function shiftBy(selection: Selection, operator: Shift, value: Pair, count: number): Pair {
  if (count === 0) return value;
  switch (operator) {
    case "shl":
      return count < 32
        ? shiftAcross(selection, "shl", value, count)
        : { low: immediate(0), high: moved(selection, "shl", value.low, count - 32) };
    case "shrUnsigned":
      return count < 32
        ? shiftAcross(selection, "shr", value, count)
        : { low: moved(selection, "shr", value.high, count - 32), high: immediate(0) };
    case "shrSigned":
      return count < 32
        ? shiftAcross(selection, "sar", value, count)
        : { low: moved(selection, "sar", value.high, count - 32), high: moved(selection, "sar", value.high, 31) };
    case "rotr":
      return rotateBy(selection, value, (64 - count) & 63);
    case "rotl":
      return rotateBy(selection, value, count);
  }
}

function moved(selection: Selection, mnemonic: string, value: Operand, count: number): Operand {
  return count === 0 ? value : register(selection.builder.two(mnemonic, value, immediate(count)));
}

/** By 1 to 31: SHLD or SHRD carries bits into the one word, a plain shift does the other. */
function shiftAcross(selection: Selection, mnemonic: "shl" | "shr" | "sar", value: Pair, count: number): Pair {
  const { builder } = selection;
  const [near, far] = mnemonic === "shl" ? [value.low, value.high] : [value.high, value.low];
  const source = near.kind === "register" ? near : register(builder.load(near));
  const carried = builder.load(far);
  builder.emit(mnemonic === "shl" ? "shld" : "shrd", [register(carried), source, immediate(count)]);
  const plain = register(builder.two(mnemonic, source, immediate(count)));
  return mnemonic === "shl" ? { low: plain, high: register(carried) } : { low: register(carried), high: plain };
}

function rotateBy(selection: Selection, value: Pair, count: number): Pair {
  const { builder } = selection;
  const { low, high } = count >= 32 ? { low: value.high, high: value.low } : value;
  const rest = count & 31;
  if (rest === 0) return { low, high };
  const [lowSource, highSource] = [register(builder.load(low)), register(builder.load(high))];
  const newLow = builder.load(lowSource);
  builder.emit("shld", [register(newLow), highSource, immediate(rest)]);
  const newHigh = builder.load(highSource);
  builder.emit("shld", [register(newHigh), lowSource, immediate(rest)]);
  return { low: register(newLow), high: register(newHigh) };
}

/** The processor's count is modulo 32 (SDM 2B SHLD); bit 5 then moves a whole word. */
function shiftVariable(selection: Selection, operator: Shift, value: RegPair, amount: Operand): Pair {
  const { builder } = selection;
  const left = operator === "shl";
  const [near, far] = left ? [value.low, value.high] : [value.high, value.low];
  const fill: Reg = operator === "shrSigned" ? builder.two("sar", register(near), immediate(31)) : builder.constant(0);
  const plain = left ? "shl" : operator === "shrSigned" ? "sar" : "shr";
  builder.move(ecx, amount);
  builder.emit(left ? "shld" : "shrd", [register(far), register(near), register(ecx)]);
  builder.emit(plain, [register(near), register(ecx)]);
  builder.emit("test", [register(ecx), immediate(32)]);
  builder.emit("cmovne", [register(far), register(near)]);
  builder.emit("cmovne", [register(near), register(fill)]);
  return pairOfRegisters(value);
}

/** Bit 5 of the count exchanges the words; the rest moves bits between them. */
function rotateVariable(selection: Selection, operator: "rotl" | "rotr", value: RegPair, amount: Operand): Pair {
  const { builder } = selection;
  const low = builder.load(register(value.low));
  builder.move(ecx, amount);
  builder.emit("test", [register(ecx), immediate(32)]);
  builder.emit("cmovne", [register(low), register(value.high)]);
  builder.emit("cmovne", [register(value.high), register(value.low)]);
  const old = builder.load(register(low));
  const mnemonic = operator === "rotl" ? "shld" : "shrd";
  builder.emit(mnemonic, [register(low), register(value.high), register(ecx)]);
  builder.emit(mnemonic, [register(value.high), register(old), register(ecx)]);
  return { low: register(low), high: register(value.high) };
}
