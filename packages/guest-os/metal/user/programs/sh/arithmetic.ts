/** Arithmetic expansion (POSIX XCU 2.6.4): C's operators on signed 32-bit numbers, variables by name, assignment. */
import { cstr } from "@mercury/toolchain/metal";
import { take, takeText } from "./arena";
import { nameEnd } from "./parser";
import { assign, valueOf } from "./variables";
import { isDigit, isSpace, putNumber, toNumber } from "../../lib/text";

let at: usize = 0;
/** What is wrong with the expression; 0: nothing. */
export let arithmeticError: usize = 0;

export function evaluate(text: usize): i32 {
  at = text;
  arithmeticError = 0;
  const value = conditional();
  skipSpaces();
  if (load<u8>(at) != 0 && arithmeticError == 0) arithmeticError = cstr`syntax error in arithmetic`;
  return value;
}

function skipSpaces(): void {
  while (isSpace(load<u8>(at))) at++;
}

/** Takes an operator of one character, not when it is doubled or part of a longer one. */
function acceptByte(byte: u32): bool {
  skipSpaces();
  if (load<u8>(at) != byte) return false;
  at++;
  return true;
}

function conditional(): i32 {
  const condition = binary(1);
  if (!acceptByte(0x3f)) return condition;
  const yes = conditional();
  if (!acceptByte(0x3a)) arithmeticError = cstr`: expected in arithmetic`;
  const no = conditional();
  return condition != 0 ? yes : no;
}

/** Binary operators, loosest first: name, precedence. Longer names stand before their beginnings. */
const operators = cstr`||1&&2<<7>>7<=6>=6==5!=5`;
const singles = cstr`|3^4&5<7>7+9-9*:/:%:`;

/** Precedence of the operator at the position and its length in `operatorLength`; 0 when there is none. */
let operatorLength: u32 = 0;
function precedence(): u32 {
  skipSpaces();
  const first = load<u8>(at);
  const second = load<u8>(at + 1);
  if (first == 0) return 0;
  for (let entry = operators; load<u8>(entry) != 0; entry += 3) {
    if (load<u8>(entry) == first && load<u8>(entry + 1) == second) {
      operatorLength = 2;
      return doubled(load<u8>(entry + 2) - 0x30);
    }
  }
  for (let entry = singles; load<u8>(entry) != 0; entry += 2) {
    if (load<u8>(entry) == first) {
      operatorLength = 1;
      return load<u8>(entry + 1) - 0x30;
    }
  }
  return 0;
}

/** Equality binds tighter than `&`, relations tighter than equality: the table leaves room for that. */
// @ts-ignore: decorator
@inline export function doubled(level: u32): u32 {
  return level == 5 ? 6 : level == 6 ? 7 : level == 7 ? 8 : level;
}

function binary(lowest: u32): i32 {
  let left = unary();
  while (true) {
    const level = precedence();
    if (level < lowest || level == 0 || arithmeticError != 0) return left;
    const first = load<u8>(at);
    const long = operatorLength == 2;
    const second = long ? load<u8>(at + 1) : 0;
    at += operatorLength;
    left = apply(first, second, left, binary(level + 1));
  }
}

function apply(first: u32, second: u32, left: i32, right: i32): i32 {
  switch (first) {
    case 0x2b: return left + right;
    case 0x2d: return left - right;
    case 0x2a: return left * right;
    case 0x2f: case 0x25: return divide(first, left, right);
    case 0x7c: return second ? i32(left != 0 || right != 0) : left | right;
    case 0x26: return second ? i32(left != 0 && right != 0) : left & right;
    case 0x5e: return left ^ right;
    case 0x3c: return second == 0x3c ? left << right : second ? i32(left <= right) : i32(left < right);
    case 0x3e: return second == 0x3e ? left >> right : second ? i32(left >= right) : i32(left > right);
    case 0x3d: return i32(left == right);
    default: return i32(left != right);
  }
}

function divide(operator: u32, left: i32, right: i32): i32 {
  if (right == 0) {
    arithmeticError = cstr`division by zero`;
    return 0;
  }
  // The one quotient that does not fit wraps, as the processor's DIV would trap.
  if (right == -1) return operator == 0x2f ? -left : 0;
  return operator == 0x2f ? left / right : left % right;
}

function unary(): i32 {
  skipSpaces();
  const byte = load<u8>(at);
  if (byte == 0x2d || byte == 0x2b || byte == 0x21 || byte == 0x7e) {
    at++;
    const value = unary();
    return byte == 0x2d ? -value : byte == 0x2b ? value : byte == 0x21 ? i32(value == 0) : ~value;
  }
  if (acceptByte(0x28)) {
    const value = conditional();
    if (!acceptByte(0x29)) arithmeticError = cstr`) expected in arithmetic`;
    return value;
  }
  return isDigit(byte) ? literal() : variable();
}

/** Decimal, 0x hexadecimal or 0 octal. */
function literal(): i32 {
  let base: u32 = 10;
  if (load<u8>(at) == 0x30) {
    const hexadecimal = (load<u8>(at + 1) | 0x20) == 0x78;
    base = hexadecimal ? 16 : 8;
    if (hexadecimal) at += 2;
  }
  let value: u32 = 0;
  while (true) {
    const byte: u32 = load<u8>(at);
    const letter = (byte | 0x20) - 0x61;
    const digit = isDigit(byte) ? byte - 0x30 : letter < 6 ? letter + 10 : 16;
    if (digit >= base) return value;
    value = value * base + digit;
    at++;
  }
}

/** A name, perhaps with `=` and a new value. */
function variable(): i32 {
  const end = nameEnd(at);
  if (end == at) {
    arithmeticError = cstr`number expected in arithmetic`;
    return 0;
  }
  const name = takeText(at, <u32>(end - at));
  at = end;
  skipSpaces();
  if (load<u8>(at) == 0x3d && load<u8>(at + 1) != 0x3d) {
    at++;
    const value = conditional();
    assign(name, decimal(value));
    return value;
  }
  const value = valueOf(name);
  return value == 0 ? 0 : toNumber(value);
}

/** A number as text, in the arena. */
export function decimal(value: i32): usize {
  const text = take(16);
  if (value < 0) store<u8>(text, 0x2d);
  putNumber(value < 0 ? text + 1 : text, value < 0 ? 0 - <u32>value : <u32>value);
  return text;
}
