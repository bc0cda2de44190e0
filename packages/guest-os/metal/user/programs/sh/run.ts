/** Runs syntax trees. The result of everything is an exit status. */
import { cstr } from "@mercury/toolchain/metal";
import { ENOENT, ENOEXEC } from "@mercury/abi/metal";
import { mark, Mark, releaseTo, take } from "./arena";
import { breaking, isBuiltin, leaving, runBuiltin, stopLoop } from "./builtins";
import { expandPattern, expandText, expandWords, expansionFailed } from "./expand";
import { callFunction, defineFunction, findFunction } from "./functions";
import { clearInterrupt, enterJob, interrupted, jobControl, reapBackground, setForeground, waitForProcess } from "./jobs";
import { currentSource, readFrom } from "./lexer";
import { failed, parseCommand } from "./parser";
import { redirect, redirectSaving, restore, savedDescriptors } from "./redirect";
import { closeSource, Source, sourceOf } from "./source";
import {
  AND, BACKGROUND, CASE, FOR, FUNCTION, GROUP, IF, Node, NOT, OR, PIPE, SEQUENCE, SIMPLE, SUBSHELL, UNTIL, WHILE, Word,
} from "./tree";
import { assign, environmentArray, exportVariable, lastStatus, setLastBackground, setLastStatus, valueOf } from "./variables";
import { O_RDONLY, PATH_MAX } from "../../../linux/files";
import { complain, complainText } from "../../lib/errors";
import { searchPath } from "../../lib/execute";
import { allocate } from "../../lib/heap";
import { matchName } from "../../lib/pattern";
import { beginError, discard, endError, flush, put, putByte, putDecimal } from "../../lib/print";
import { close, duplicate, execute, exit, fork, open, pipe, processGroup, setProcessGroup } from "../../lib/syscall";
import { find } from "../../lib/text";

/** Runs everything that a source gives; the status of the last command. */
export function runSource(source: Source): i32 {
  const outer = currentSource();
  readFrom(source);
  const place = changetype<Mark>(allocate(offsetof<Mark>()));
  while (!leaving()) {
    source.begin();
    clearInterrupt();
    if (source.interactive) reapBackground();
    mark(place);
    const node = parseCommand();
    if (failed) {
      setLastStatus(2);
      source.drop();
      readFrom(source);
      if (!source.interactive) break;
    } else if (node !== null) {
      setLastStatus(runNode(node));
      flush();
      if (!definesFunction(node)) releaseTo(place);
    } else if (source.ended || source.fd < 0) if (source.position >= source.filled) break;
  }
  readFrom(outer);
  return lastStatus;
}

/** A function's body lives on after the command that defined it. */
function definesFunction(node: Node): bool {
  if (node.kind == FUNCTION) return true;
  const left = node.left;
  const right = node.right;
  return (left !== null && definesFunction(left)) || (right !== null && definesFunction(right));
}

/** Runs a string in this process. */
export function runText(text: usize): i32 {
  const source = sourceOf(text);
  const status = runSource(source);
  closeSource(source);
  flush();
  return status;
}

export function runNode(node: Node): i32 {
  const saved = savedDescriptors();
  if (node.kind != SIMPLE && node.redirections !== null && !redirectSaving(node.redirections)) {
    restore(saved);
    return 1;
  }
  const status = dispatch(node);
  if (node.kind != SIMPLE && node.redirections !== null) {
    flush();
    restore(saved);
  }
  return status;
}

/** A child that the grammar promises. */
// @ts-ignore: decorator
@inline function child(node: Node | null): Node {
  return changetype<Node>(changetype<usize>(node));
}

function dispatch(node: Node): i32 {
  switch (node.kind) {
    case SIMPLE: return runSimple(node);
    case PIPE: return runPipeline(node);
    case AND: return runConditional(node, true);
    case OR: return runConditional(node, false);
    case SEQUENCE: return runSequence(node);
    case BACKGROUND: return runBackground(child(node.left));
    case NOT: return runNode(child(node.left)) == 0 ? 1 : 0;
    case IF: return runIf(node);
    case WHILE: return runLoop(node, true);
    case UNTIL: return runLoop(node, false);
    case FOR: return runFor(node);
    case CASE: return runCase(node);
    case GROUP: return runNode(child(node.left));
    case SUBSHELL: return runSubshell(node);
    case FUNCTION:
      defineFunction(node.name, child(node.left));
      return 0;
    default: return 0;
  }
}

/** A list ends early when the shell leaves, a loop is left or the terminal interrupted a command. */
function stopped(): bool {
  return leaving() || breaking() || interrupted;
}

function runSequence(node: Node): i32 {
  const status = runNode(child(node.left));
  setLastStatus(status);
  return stopped() ? status : runNode(child(node.right));
}

function runConditional(node: Node, onSuccess: bool): i32 {
  const status = runNode(child(node.left));
  setLastStatus(status);
  return (status == 0) == onSuccess && !stopped() ? runNode(child(node.right)) : status;
}

function runIf(node: Node): i32 {
  const condition = runNode(child(node.left));
  setLastStatus(condition);
  if (stopped()) return condition;
  if (condition == 0) return runNode(child(node.right));
  const other = node.other;
  return other === null ? 0 : runNode(other);
}

function runLoop(node: Node, whileTrue: bool): i32 {
  const place = changetype<Mark>(take(offsetof<Mark>()));
  let status: i32 = 0;
  while (true) {
    mark(place);
    const condition = runNode(child(node.left));
    if (stopped() && stopLoop()) return status;
    if ((condition == 0) != whileTrue) return status;
    status = runNode(child(node.right));
    setLastStatus(status);
    flush();
    releaseTo(place);
    if ((stopped() && stopLoop()) || interrupted) return status;
  }
}

function runFor(node: Node): i32 {
  const words = expandWords(node.words);
  if (expansionFailed) return 1;
  const place = changetype<Mark>(take(offsetof<Mark>()));
  let status: i32 = 0;
  let word = words;
  while (word !== null) {
    assign(node.name, word.text);
    mark(place);
    status = runNode(child(node.left));
    setLastStatus(status);
    flush();
    releaseTo(place);
    if ((stopped() && stopLoop()) || interrupted) break;
    word = word.next;
  }
  return status;
}

function runCase(node: Node): i32 {
  const subject = expandText(node.name);
  let item = node.left;
  while (item !== null) {
    if (matchesAny(item.words, subject)) {
      const body = item.left;
      return body === null ? 0 : runNode(body);
    }
    item = item.right;
  }
  return 0;
}

function matchesAny(patterns: Word | null, subject: usize): bool {
  let pattern = patterns;
  while (pattern !== null) {
    if (matchName(expandPattern(pattern.text), subject)) return true;
    pattern = pattern.next;
  }
  return false;
}

/** Forks; the child comes back with 0 and is no interactive shell any more. */
function forkJob(leader: i32, foreground: bool): i32 {
  flush();
  const pid = fork();
  if (pid == 0) {
    discard();
    enterJob(leader, foreground);
    return 0;
  }
  if (pid < 0) complain(cstr`sh`, cstr`fork`, pid);
  // Both sides set the group, so that neither depends on the other having run.
  else if (jobControl) setProcessGroup(pid, leader == 0 ? pid : leader);
  return pid;
}

/** Waits for a foreground job and takes the terminal back. */
function finish(pid: i32): i32 {
  if (pid < 0) return 126;
  if (jobControl) setForeground(pid);
  const status = waitForProcess(pid);
  if (jobControl) setForeground(processGroup());
  return status;
}

function runSubshell(node: Node): i32 {
  const pid = forkJob(0, true);
  if (pid == 0) leave(runNode(child(node.left)));
  return finish(pid);
}

/** Ends a child of the shell. */
function leave(status: i32): void {
  flush();
  exit(status);
}

function runBackground(node: Node): i32 {
  const pid = forkJob(0, false);
  if (pid == 0) {
    // Without job control a command in the background must not read what is meant for the shell (POSIX XCU 2.9.3.1).
    const nothing = open(cstr`/dev/null`, O_RDONLY, 0);
    if (nothing > 0) {
      duplicate(nothing, 0);
      close(nothing);
    }
    leave(runNode(node));
  }
  if (pid < 0) return 126;
  setLastBackground(pid);
  if (currentSource().interactive) announce(pid);
  return 0;
}

function announce(pid: i32): void {
  beginError();
  put(cstr`[`);
  putDecimal(pid);
  put(cstr`]`);
  putByte(0x0a);
  endError();
}

const pipeEnds: usize = memory.data(8);

/** Every command of a pipeline is a child; the status is the last one's. */
function runPipeline(node: Node): i32 {
  let leader: i32 = 0;
  let input: i32 = -1;
  let at = node;
  let last: i32 = -1;
  let count: u32 = 0;
  while (true) {
    const final = at.kind != PIPE;
    let output: i32 = -1;
    let nextInput: i32 = -1;
    if (!final) {
      const result = pipe(pipeEnds);
      if (result < 0) return complain(cstr`sh`, cstr`pipe`, result);
      nextInput = load<i32>(pipeEnds);
      output = load<i32>(pipeEnds + 4);
    }
    last = startStage(final ? at : child(at.left), leader, input, output, nextInput);
    if (leader == 0) leader = last;
    if (input >= 0) close(input);
    if (output >= 0) close(output);
    input = nextInput;
    count++;
    if (final || last < 0) break;
    at = child(at.right);
  }
  return waitForPipeline(leader, last, count);
}

function startStage(node: Node, leader: i32, input: i32, output: i32, unused: i32): i32 {
  const pid = forkJob(leader, true);
  if (pid != 0) return pid;
  if (unused >= 0) close(unused);
  connect(input, 0);
  connect(output, 1);
  leave(node.kind == SIMPLE ? runSimpleInChild(node) : runNode(node));
  return 0;
}

function connect(from: i32, to: i32): void {
  if (from < 0) return;
  duplicate(from, to);
  close(from);
}

/** The earlier stages are reaped too, whenever they end. */
function waitForPipeline(leader: i32, last: i32, count: u32): i32 {
  if (last < 0) return 126;
  if (jobControl) setForeground(leader);
  const status = waitForProcess(last);
  if (count > 1) waitForEarlier(leader, last);
  if (jobControl) setForeground(processGroup());
  return status;
}

function waitForEarlier(leader: i32, last: i32): void {
  if (leader != last) waitForProcess(leader);
}

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

function runSimple(node: Node): i32 {
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
function runSimpleInChild(node: Node): i32 {
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
  restore(saved);
  return status;
}

/** Replaces this process by a program; comes back with 127 or 126 when it cannot. */
export function runExternal(node: Node, array: usize): i32 {
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
