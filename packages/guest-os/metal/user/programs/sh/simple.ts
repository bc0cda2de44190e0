/** Simple commands (POSIX XCU 2.9.1): assignments, redirections, a name and its arguments. */
import { cstr } from "@mercury/toolchain/metal";
import { ENOENT, ENOEXEC } from "@mercury/abi/metal";
import { take } from "./arena";
import { isBuiltin, runBuiltin } from "./builtins";
import { expandText, expandWords, expansionFailed } from "./expand";
import { callFunction, findFunction } from "./functions";
import { finish, forkJob, leave } from "./processes";
import { redirect, redirectSaving, restore, savedDescriptors } from "./redirect";
import { Node, Word } from "./tree";
import { assign, environmentArray, exportVariable, lastStatus, setLastStatus, valueOf } from "./variables";
import { PATH_MAX } from "../../../linux/files";
import { complain, complainText } from "../../lib/errors";
import { searchPath } from "../../lib/execute";
import { flush, takeWriteError } from "../../lib/print";
import { execute } from "../../lib/syscall";
import { find } from "../../lib/text";

/** Arguments as an array ended by 0. */
function argumentArray(words: Word | null): usize {
  const count = countWords(words);
  const array = take((count + 1) * 4);
  let at = array;
  let word = words;
  while (word !== null) {
    store<usize>(at, word.text);
    at += 4;
    word = word.next;
  }
  return array;
}

function countWords(words: Word | null): u32 {
  let count: u32 = 0;
  let word = words;
  while (word !== null) {
    count++;
    word = word.next;
  }
  return count;
}

function countArguments(array: usize): u32 {
  let count: u32 = 0;
  while (load<usize>(array + (<usize>count << 2)) != 0) count++;
  return count;
}

/** A simple command: a builtin or function in this process, a program in a child. */
export function runSimple(node: Node): i32 {
  const words = expandWords(node.words);
  if (expansionFailed) return 1;
  if (words === null) return runAssignments(node);
  const name = words.text;
  const body = findFunction(name);
  if (body !== null || isBuiltin(name)) return runInside(node, words, body);
  const pid = forkJob(0, true);
  if (pid == 0) leave(runExternal(node, argumentArray(words)));
  return finish(pid);
}

/** In a child of a pipeline there is no need for another process. */
export function runSimpleInChild(node: Node): i32 {
  const words = expandWords(node.words);
  if (expansionFailed) return 1;
  if (words === null) return runAssignments(node);
  const body = findFunction(words.text);
  return body !== null || isBuiltin(words.text) ? runInside(node, words, body) : runExternal(node, argumentArray(words));
}

/** Assignments alone change the shell's variables; redirections alone are made and undone. */
function runAssignments(node: Node): i32 {
  setLastStatus(0);
  if (!assignAll(node.assignments, false)) return 1;
  const saved = savedDescriptors();
  const made = redirectSaving(node.redirections);
  restore(saved);
  return made ? lastStatus : 1;
}

function assignAll(list: Word | null, exported: bool): bool {
  let word = list;
  while (word !== null) {
    const equals = find(word.text, 0x3d);
    const size = <u32>(equals - word.text);
    const name = take(size + 1);
    memory.copy(name, word.text, size);
    const value = expandText(equals + 1);
    if (expansionFailed) return false;
    assign(name, value);
    if (exported) exportVariable(name);
    word = word.next;
  }
  return true;
}

/** A builtin or function, in this process. */
function runInside(node: Node, words: Word, body: Node | null): i32 {
  const saved = savedDescriptors();
  flush();
  if (!redirectSaving(node.redirections)) {
    restore(saved);
    return 1;
  }
  let status: i32 = 1;
  if (assignAll(node.assignments, false)) {
    const array = argumentArray(words);
    status = body !== null ? callFunction(body, array, countArguments(array)) : runBuiltin(array, countArguments(array));
  }
  flush();
  if (takeWriteError()) status = 1;
  restore(saved);
  return status;
}

/** Replaces this process by a program; comes back with 127 or 126 when it cannot. */
function runExternal(node: Node, array: usize): i32 {
  if (!redirect(node.redirections) || !assignAll(node.assignments, true)) return 1;
  return executeProgram(array);
}

export function executeProgram(array: usize): i32 {
  const name = load<usize>(array);
  const directories = valueOf(cstr`PATH`);
  const path = take(PATH_MAX);
  if (!searchPath(name, directories == 0 ? cstr`/bin` : directories, path)) {
    complainText(cstr`sh`, name, cstr`not found`);
    return 127;
  }
  const environment = environmentArray();
  let result = execute(path, array, environment);
  if (result == -ENOEXEC) result = executeScript(path, array, environment);
  if (result == -ENOENT && find(name, 0x2f) == 0) complainText(cstr`sh`, name, cstr`not found`);
  else complain(cstr`sh`, name, result);
  return result == -ENOENT ? 127 : 126;
}

/** A file that is no program is a script for a shell (POSIX XCU 2.9.1.1). */
function executeScript(path: usize, array: usize, environment: usize): i32 {
  const count = countArguments(array);
  const longer = take((count + 2) * 4);
  store<usize>(longer, cstr`sh`);
  store<usize>(longer + 4, path);
  memory.copy(longer + 8, array + 4, count * 4);
  return execute(cstr`/bin/sh`, longer, environment);
}
