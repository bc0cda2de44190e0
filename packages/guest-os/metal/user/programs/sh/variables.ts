/** Variables, positional parameters and the few special ones. */
import { cstr } from "@mercury/toolchain/metal";
import { environment } from "../../lib/args";
import { allocate, keep, release } from "../../lib/heap";
import { processId } from "../../lib/syscall";
import { copy, equal, find, length, putNumber } from "../../lib/text";

// @ts-ignore: decorator
@unmanaged export class Variable {
  next: Variable | null;
  name: usize;
  value: usize;
  exported: bool;
}

let first: Variable | null = null;
const number: usize = memory.data(16);

/** `$?` */
export let lastStatus: i32 = 0;
export function setLastStatus(status: i32): void {
  lastStatus = status;
}

/** `$!`: the last process in the background. */
let lastBackground: i32 = 0;
export function setLastBackground(pid: i32): void {
  lastBackground = pid;
}

/** `$$`: the shell, in subshells too. */
let shell: i32 = 0;

/** Positional parameters: an array whose element 0 is `$0`, and how many there are besides it. */
export let positional: usize = 0;
export let positionalCount: u32 = 0;
export function setPositional(values: usize, count: u32): void {
  positional = values;
  positionalCount = count;
}

/** Takes the environment over. */
export function importEnvironment(): void {
  shell = processId();
  for (let at = environment(); load<usize>(at) != 0; at += 4) {
    const entry = load<usize>(at);
    const equals = find(entry, 0x3d);
    if (equals == 0) continue;
    const name = keep(entry, <u32>(equals - entry));
    assign(name, equals + 1).exported = true;
    release(name);
  }
}

function lookUp(name: usize): Variable | null {
  let variable = first;
  while (variable !== null) {
    if (equal(variable.name, name)) return variable;
    variable = variable.next;
  }
  return null;
}

/** Sets a variable to a copy of the value. */
export function assign(name: usize, value: usize): Variable {
  let variable = lookUp(name);
  if (variable === null) {
    variable = changetype<Variable>(allocate(offsetof<Variable>()));
    variable.name = keep(name, length(name));
    variable.next = first;
    first = variable;
  }
  const old = variable.value;
  variable.value = keep(value, length(value));
  release(old);
  return variable;
}

/** Makes a variable part of the environment of the programs started. */
export function exportVariable(name: usize): void {
  const variable = lookUp(name);
  if (variable !== null) variable.exported = true;
  else assign(name, cstr``).exported = true;
}

export function unset(name: usize): void {
  let previous: Variable | null = null;
  let variable = first;
  while (variable !== null) {
    if (equal(variable.name, name)) {
      if (previous === null) first = variable.next;
      else previous.next = variable.next;
      release(variable.name);
      release(variable.value);
      release(changetype<usize>(variable));
      return;
    }
    previous = variable;
    variable = variable.next;
  }
}

/** Value of a variable or parameter, or 0 when it is not set. Numbers lie in one buffer that the next call reuses. */
export function valueOf(name: usize): usize {
  const byte = load<u8>(name);
  if (load<u8>(name + 1) == 0) {
    if (byte == 0x3f) return decimal(lastStatus); // ?
    if (byte == 0x24) return decimal(shell); // $
    if (byte == 0x21) return lastBackground == 0 ? 0 : decimal(lastBackground); // !
    if (byte == 0x23) return decimal(positionalCount); // #
    if (byte - 0x30 < 10) return byte - 0x30 <= positionalCount ? load<usize>(positional + ((byte - 0x30) << 2)) : 0;
  }
  const variable = lookUp(name);
  return variable === null ? 0 : variable.value;
}

function decimal(value: i32): usize {
  putNumber(number, value);
  return number;
}

/** The environment as an array of NAME=VALUE, ended by 0, for execve. */
export function environmentArray(): usize {
  const array = allocate((exportedCount() + 1) * 4);
  let at = array;
  let variable = first;
  while (variable !== null) {
    if (variable.exported) {
      store<usize>(at, environmentEntry(variable));
      at += 4;
    }
    variable = variable.next;
  }
  return array;
}

function exportedCount(): u32 {
  let count: u32 = 0;
  let variable = first;
  while (variable !== null) {
    if (variable.exported) count++;
    variable = variable.next;
  }
  return count;
}

function environmentEntry(variable: Variable): usize {
  const entry = allocate(length(variable.name) + length(variable.value) + 2);
  const equals = copy(entry, variable.name);
  store<u8>(equals, 0x3d);
  copy(equals + 1, variable.value);
  return entry;
}

/** Where `export` begins to list. */
export function firstVariable(): Variable | null {
  return first;
}
