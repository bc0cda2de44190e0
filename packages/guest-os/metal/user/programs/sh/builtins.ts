/** Commands that the shell runs itself. */
import { cstr } from "@mercury/toolchain/metal";
import { continueJob, waitForBackground } from "./jobs";
import { nameEnd } from "./parser";
import { runSource, runText } from "./run";
import { executeProgram } from "./simple";
import { closeSource, sourceFrom } from "./source";
import { assign, exportVariable, firstVariable, lastStatus, positional, positionalCount, setPositional, unset, valueOf } from "./variables";
import { F_DUPFD, O_RDONLY, PATH_MAX } from "../../../linux/files";
import { Arguments } from "../../lib/args";
import { complain, complainText } from "../../lib/errors";
import { allocate, release } from "../../lib/heap";
import { flush, put, putByte, putLine } from "../../lib/print";
import { changeDirectory, close, fileControl, open, read, workingDirectory } from "../../lib/syscall";
import { equal, find, isNumber, isSpace, length, toNumber } from "../../lib/text";
import { echo } from "../echo";
import { bracket, test } from "../test";

/** The shell is to end, with `$?` as it stands. */
let ending = false;
/** A function or sourced file is to end. */
let returning = false;
/** Loops still to be left, and whether the last of them goes on with its next round. */
let loopsToLeave: u32 = 0;
let goesOn: bool = false;

export function leaving(): bool {
  return ending;
}

export function breaking(): bool {
  return loopsToLeave > 0 || returning;
}

/** Asked by each loop when its body stopped: whether it ends too. */
export function stopLoop(): bool {
  if (ending || returning || loopsToLeave == 0) return ending || returning;
  loopsToLeave--;
  return loopsToLeave > 0 || !goesOn;
}

/** A function has ended: `return` reaches no further. */
export function endReturn(status: i32): i32 {
  returning = false;
  return status;
}

export function isBuiltin(name: usize): bool {
  return (
    equal(name, cstr`cd`) || equal(name, cstr`exit`) || equal(name, cstr`export`) || equal(name, cstr`unset`) || equal(name, cstr`read`) || equal(name, cstr`:`) ||
    equal(name, cstr`true`) || equal(name, cstr`false`) || equal(name, cstr`echo`) || equal(name, cstr`test`) || equal(name, cstr`[`) || equal(name, cstr`pwd`) ||
    equal(name, cstr`wait`) || equal(name, cstr`exec`) || equal(name, cstr`break`) || equal(name, cstr`continue`) || equal(name, cstr`return`) || equal(name, cstr`shift`) ||
    equal(name, cstr`set`) || equal(name, cstr`.`) || equal(name, cstr`eval`) || equal(name, cstr`fg`) || equal(name, cstr`bg`)
  );
}

const listMemory: usize = memory.data(8);

/** `array`: arguments ended by 0, the name first. */
export function runBuiltin(array: usize, count: u32): i32 {
  const list = changetype<Arguments>(listMemory);
  list.values = array;
  list.count = count;
  const name = list.at(0);
  const first = list.at(1);
  if (equal(name, cstr`echo`)) return echo(list);
  if (equal(name, cstr`test`)) return test(list);
  if (equal(name, cstr`[`)) return bracket(list);
  if (equal(name, cstr`:`) || equal(name, cstr`true`)) return 0;
  if (equal(name, cstr`false`)) return 1;
  if (equal(name, cstr`cd`)) return cd(first);
  if (equal(name, cstr`pwd`)) return pwd();
  if (equal(name, cstr`exit`)) return leaveShell(first);
  if (equal(name, cstr`return`)) return returnFrom(first);
  if (equal(name, cstr`break`)) return leaveLoops(first, false);
  if (equal(name, cstr`continue`)) return leaveLoops(first, true);
  if (equal(name, cstr`export`)) return exportAll(list);
  if (equal(name, cstr`unset`)) return unsetAll(list);
  if (equal(name, cstr`read`)) return readVariables(list);
  if (equal(name, cstr`wait`)) return waitForBackground(first != 0 && isNumber(first) ? toNumber(first) : -1);
  if (equal(name, cstr`exec`)) return executeInPlace(list);
  if (equal(name, cstr`shift`)) return shift(first);
  if (equal(name, cstr`set`)) return setParameters(list);
  if (equal(name, cstr`.`)) return runFile(first);
  if (equal(name, cstr`eval`)) return evaluateWords(list);
  return continueStopped(equal(name, cstr`fg`));
}

function cd(target: usize): i32 {
  const home = valueOf(cstr`HOME`);
  const path = target != 0 ? target : home != 0 ? home : cstr`/`;
  const result = changeDirectory(path);
  return result < 0 ? complain(cstr`cd`, path, result) : 0;
}

function pwd(): i32 {
  const path = allocate(PATH_MAX);
  const result = workingDirectory(path, PATH_MAX);
  if (result >= 0) putLine(path);
  release(path);
  return result < 0 ? complain(cstr`pwd`, 0, result) : 0;
}

function leaveShell(code: usize): i32 {
  if (code != 0 && !isNumber(code)) return complainText(cstr`exit`, code, cstr`not a number`) + 1;
  ending = true;
  return code == 0 ? lastStatus : toNumber(code) & 0xff;
}

function returnFrom(code: usize): i32 {
  returning = true;
  return code == 0 ? lastStatus : toNumber(code) & 0xff;
}

function leaveLoops(count: usize, next: bool): i32 {
  loopsToLeave = count != 0 && isNumber(count) ? max(1, toNumber(count)) : 1;
  goesOn = next;
  return 0;
}

/** `export NAME[=VALUE]...`; alone it lists. */
function exportAll(list: Arguments): i32 {
  if (list.count == 1) return listExported();
  for (let index: u32 = 1; index < list.count; index++) {
    const word = list.at(index);
    const equals = find(word, 0x3d);
    if (equals != 0) store<u8>(equals, 0);
    if (nameEnd(word) == word || load<u8>(nameEnd(word)) != 0) return complainText(cstr`export`, word, cstr`not a name`);
    if (equals != 0) assign(word, equals + 1);
    exportVariable(word);
  }
  return 0;
}

function listExported(): i32 {
  let variable = firstVariable();
  while (variable !== null) {
    if (variable.exported) {
      put(cstr`export `);
      put(variable.name);
      putByte(0x3d);
      putLine(variable.value);
    }
    variable = variable.next;
  }
  return 0;
}

function unsetAll(list: Arguments): i32 {
  for (let index: u32 = 1; index < list.count; index++) unset(list.at(index));
  return 0;
}

const byteRead: usize = memory.data(1);

/** `read NAME...`: one line, byte by byte, its words to the names, the rest to the last one. 1 at the end of the input. */
function readVariables(list: Arguments): i32 {
  flush();
  const line = allocate(PATH_MAX);
  let size: u32 = 0;
  let complete = false;
  while (size < PATH_MAX - 1 && read(0, byteRead, 1) == 1) {
    complete = load<u8>(byteRead) == 0x0a;
    if (complete) break;
    store<u8>(line + size++, load<u8>(byteRead));
  }
  let at = line;
  for (let index: u32 = 1; index < list.count; index++) {
    while (isSpace(load<u8>(at))) at++;
    const start = at;
    const last = index == list.count - 1;
    while (load<u8>(at) != 0 && (last || !isSpace(load<u8>(at)))) at++;
    let end = at;
    while (last && end > start && isSpace(load<u8>(end - 1))) end--;
    if (load<u8>(at) != 0) at++;
    store<u8>(end, 0);
    assign(list.at(index), start);
  }
  release(line);
  return complete ? 0 : 1;
}

/** With a command it comes back only when that cannot be executed; without one its redirections stay, as builtins' are undone by their saved copies. */
function executeInPlace(list: Arguments): i32 {
  if (list.count == 1) return complainText(cstr`exec`, 0, cstr`a command is needed`);
  flush();
  const status = executeProgram(list.values + 4);
  ending = true;
  return status;
}

function shift(count: usize): i32 {
  const places: u32 = count == 0 ? 1 : toNumber(count);
  if (places > positionalCount) return 1;
  const rest = positionalCount - places;
  const fresh = allocate((rest + 2) * 4);
  store<usize>(fresh, load<usize>(positional));
  memory.copy(fresh + 4, positional + ((places + 1) << 2), rest * 4);
  setPositional(fresh, rest);
  return 0;
}

/** `set -- WORD...`: the positional parameters. The words outlive the command. */
function setParameters(list: Arguments): i32 {
  const start: u32 = list.count > 1 && equal(list.at(1), cstr`--`) ? 2 : 1;
  const count = list.count - start;
  const fresh = allocate((count + 2) * 4);
  store<usize>(fresh, load<usize>(positional));
  for (let index: u32 = 0; index < count; index++) {
    const word = list.at(start + index);
    const copy = allocate(length(word) + 1);
    memory.copy(copy, word, length(word));
    store<usize>(fresh + ((index + 1) << 2), copy);
  }
  setPositional(fresh, count);
  return 0;
}

/** `. FILE`: its commands in this shell. */
function runFile(path: usize): i32 {
  if (path == 0) return complainText(cstr`.`, 0, cstr`a file is needed`);
  const opened = open(path, O_RDONLY, 0);
  if (opened < 0) return complain(cstr`.`, path, opened);
  const fd = fileControl(opened, F_DUPFD, 10);
  close(opened);
  const source = sourceFrom(fd, false);
  const status = endReturn(runSource(source));
  closeSource(source);
  close(fd);
  return status;
}

/** `eval WORD...` */
function evaluateWords(list: Arguments): i32 {
  let size: u32 = 1;
  for (let index: u32 = 1; index < list.count; index++) size += length(list.at(index)) + 1;
  const text = allocate(size);
  let at = text;
  for (let index: u32 = 1; index < list.count; index++) {
    const word = list.at(index);
    memory.copy(at, word, length(word));
    at += length(word);
    store<u8>(at++, 0x20);
  }
  const status = runText(text);
  release(text);
  return status;
}

function continueStopped(foreground: bool): i32 {
  const status = continueJob(foreground);
  return status < 0 ? complainText(foreground ? cstr`fg` : cstr`bg`, 0, cstr`no job is stopped`) : status;
}
