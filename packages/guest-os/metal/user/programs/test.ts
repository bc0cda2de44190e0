/** test EXPRESSION and [ EXPRESSION ]: strings, numbers, files, `!`, `-a`, `-o` (POSIX XCU test). 0 true, 1 false, 2 when it cannot be understood. */
import { cstr } from "@mercury/toolchain/metal";
import { S_IFCHR, S_IFDIR, S_IFLNK, S_IFIFO, S_IFMT, S_IFREG, Stat64 } from "../../linux/files";
import { Arguments } from "../lib/args";
import { complainText } from "../lib/errors";
import { linkStatus, status } from "../lib/syscall";
import { equal, isNumber, toNumber } from "../lib/text";

const program = cstr`test`;
const information: usize = memory.data(96);
let words: usize = 0;
let position: u32 = 0;
let count: u32 = 0;
let broken = false;

export function test(list: Arguments): i32 {
  return evaluate(list, list.count);
}

/** As `test`, but the last argument must be `]`. */
export function bracket(list: Arguments): i32 {
  if (list.count < 2 || !equal(list.at(list.count - 1), cstr`]`)) {
    complainText(cstr`[`, 0, cstr`missing ]`);
    return 2;
  }
  return evaluate(list, list.count - 1);
}

function evaluate(list: Arguments, end: u32): i32 {
  words = list.values;
  position = 1;
  count = end;
  broken = false;
  if (count == 1) return 1;
  const result = either();
  if (!broken && position == count) return result ? 0 : 1;
  complainText(program, position < count ? word() : 0, cstr`not a test that I know`);
  return 2;
}

function word(): usize {
  return position < count ? load<usize>(words + (<usize>position << 2)) : 0;
}

function next(): usize {
  const value = word();
  if (value == 0) broken = true;
  else position++;
  return value;
}

function accept(text: usize): bool {
  if (word() == 0 || !equal(word(), text)) return false;
  position++;
  return true;
}

function either(): bool {
  let result = both();
  while (!broken && accept(cstr`-o`)) {
    const right = both();
    result = result || right;
  }
  return result;
}

function both(): bool {
  let result = term();
  while (!broken && accept(cstr`-a`)) {
    const right = term();
    result = result && right;
  }
  return result;
}

function term(): bool {
  // A lone word is a string, even when it looks like an operator.
  if (position + 1 == count) return load<u8>(next()) != 0;
  if (position + 2 < count && isBinary(load<usize>(words + (<usize>(position + 1) << 2)))) return binary();
  if (accept(cstr`!`)) return !term();
  const operator = word();
  if (load<u8>(operator) == 0x2d && load<u8>(operator + 1) != 0 && load<u8>(operator + 2) == 0) return unary();
  return load<u8>(next()) != 0;
}

function isBinary(text: usize): bool {
  return equal(text, cstr`=`) || equal(text, cstr`!=`) || equal(text, cstr`-eq`) || equal(text, cstr`-ne`) || equal(text, cstr`-lt`) || equal(text, cstr`-le`) ||
    equal(text, cstr`-gt`) || equal(text, cstr`-ge`);
}

function binary(): bool {
  const left = next();
  const operator = next();
  const right = next();
  if (broken) return false;
  if (equal(operator, cstr`=`)) return equal(left, right);
  if (equal(operator, cstr`!=`)) return !equal(left, right);
  const a = number(left);
  const b = number(right);
  if (equal(operator, cstr`-eq`)) return a == b;
  if (equal(operator, cstr`-ne`)) return a != b;
  if (equal(operator, cstr`-lt`)) return a < b;
  if (equal(operator, cstr`-le`)) return a <= b;
  if (equal(operator, cstr`-gt`)) return a > b;
  return a >= b;
}

function number(text: usize): i32 {
  if (!isNumber(load<u8>(text) == 0x2d ? text + 1 : text)) broken = true;
  return toNumber(text);
}

function unary(): bool {
  const kind = load<u8>(next() + 1);
  const operand = next();
  if (broken) return false;
  if (kind == 0x6e) return load<u8>(operand) != 0; // -n
  if (kind == 0x7a) return load<u8>(operand) == 0; // -z
  const link = kind == 0x68 || kind == 0x4c; // -h, -L
  if ((link ? linkStatus(operand, information) : status(operand, information)) < 0) return false;
  const entry = changetype<Stat64>(information);
  const type = entry.mode & S_IFMT;
  switch (kind) {
    case 0x65: return true; // -e
    case 0x66: return type == S_IFREG; // -f
    case 0x64: return type == S_IFDIR; // -d
    case 0x63: return type == S_IFCHR; // -c
    case 0x70: return type == S_IFIFO; // -p
    case 0x68: case 0x4c: return type == S_IFLNK;
    case 0x73: return (entry.sizeLow | entry.sizeHigh) != 0; // -s
    case 0x72: return (entry.mode & 0o444) != 0; // -r, by a superuser
    case 0x77: return true; // -w
    case 0x78: return (entry.mode & 0o111) != 0; // -x
    default:
      broken = true;
      return false;
  }
}
