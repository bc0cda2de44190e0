import { disableInterrupts, enableInterrupts } from "mercury:vo";
import { EACCES, ELOOP, ENOEXEC, ENOMEM, SELECTOR_USER_CODE, SELECTOR_USER_DATA, USER_END } from "@mercury/abi/metal";
import { Inode, isError, isRegular, holdInode, releaseInode } from "../fs/inode";
import { lookupPath } from "../fs/path";
import { readInode } from "../fs/ramfile";
import { closeOnExec } from "../fs/table";
import { resetFpu } from "../fpu/state";
import { AREA_EXECUTE, AREA_GROWS, AREA_READ, AREA_WRITE, insertArea, pageDown } from "../mm/area";
import { STACK_LIMIT } from "../mm/fault";
import { Space, areasOf, createSpace, destroySpace } from "../mm/space";
import { clearThreadState, useSpace } from "../sched/switch";
import { Task, current, taskName } from "../sched/task";
import { INTERRUPT_FLAG, TRAP_FRAME_SIZE, userFrame } from "../trap/frame";
import { Arguments, dropFirstArgument, lengthOf, prependString } from "./arguments";
import { ElfHeader, PROGRAM_HEADER_SIZE, headersInMemory, isProgram, mapProgram } from "./elf";
import { exitTask } from "./exit";
import { ProgramFacts, programStack, stackNeed } from "./program-stack";
import { isScript, parseScript, scriptArgument, scriptInterpreter } from "./script";
import { SIGKILL, SIGNALS, SIG_DFL, SIG_IGN } from "./signal-numbers";
import { actionOf } from "./signals";

/** Replaces the program of the current task. */

/** What is read of a file to see what it is; also the longest first line of a script. */
const HEAD_SIZE: u32 = 256;
const SCRIPT_DEPTH: u32 = 4;
const EXECUTABLE: u32 = 0o111;
const DEFAULT_FLAGS: u32 = INTERRUPT_FLAG | 2;
const SLASH: u8 = 0x2f;

// Tasks do not sleep between reading a file's head and the end of execve.
const head: usize = memory.data(256, 8);
const interpreterPath: usize = memory.data(256, 8);
const headers: usize = memory.data(64 * 32, 8);
const facts: ProgramFacts = changetype<ProgramFacts>(memory.data(offsetof<ProgramFacts>(), 4));

/** Runs the program or script at a kernel string `path`: a negated errno, or 0 and the task's user frame starts the new program. */
export function execute(path: usize, gathered: Arguments): i32 {
  let name = path;
  for (let depth: u32 = 0; depth <= SCRIPT_DEPTH; depth++) {
    const found = openProgram(name);
    if (isError(found)) return <i32>found;
    const file = changetype<Inode>(found);
    const bytes = readInode(file, 0, head, HEAD_SIZE);
    if (bytes < 4 || !isScript(head)) {
      const error = bytes < 0 ? bytes : start(file, path, gathered, <u32>bytes);
      releaseInode(file);
      return error;
    }
    releaseInode(file);
    const error = interpose(gathered, name, <u32>bytes);
    if (error != 0) return error;
    name = interpreterPath;
  }
  return -ELOOP;
}

/** A regular file with an execute bit, held, or a negated errno. */
function openProgram(path: usize): usize {
  const found = lookupPath(current().directory!, path, true);
  if (isError(found)) return found;
  const file = changetype<Inode>(found);
  if (isRegular(file) && (file.mode & EXECUTABLE) != 0) return found;
  releaseInode(file);
  return <usize>-EACCES;
}

/** `#!INTERPRETER ARGUMENT` in the script NAME: the arguments become INTERPRETER ARGUMENT NAME and the old ones but the first. */
function interpose(gathered: Arguments, name: usize, bytes: u32): i32 {
  let error = parseScript(head, bytes);
  if (error != 0) return error;
  dropFirstArgument(gathered);
  error = prependString(gathered, name);
  if (error == 0 && scriptArgument() != 0) error = prependString(gathered, scriptArgument());
  if (error == 0) error = prependString(gathered, scriptInterpreter());
  memory.copy(interpreterPath, scriptInterpreter(), lengthOf(scriptInterpreter()) + 1);
  return error;
}

/** Builds the new space; what can fail for other reasons than memory fails before the old program is gone. */
function start(file: Inode, path: usize, gathered: Arguments, bytes: u32): i32 {
  const header = changetype<ElfHeader>(head);
  if (bytes < offsetof<ElfHeader>() || !isProgram(header)) return -ENOEXEC;
  const count = <u32>header.programHeaderCount;
  const size = count * PROGRAM_HEADER_SIZE;
  if (readInode(file, header.programHeaders, headers, size) != <i32>size) return -ENOEXEC;
  const space = createSpace();
  if (space === null) return -ENOMEM;
  let error = mapProgram(space, file, headers, count);
  if (error == 0) error = mapStack(space, stackNeed(gathered, path));
  if (error != 0) {
    destroySpace(space);
    return error;
  }
  facts.entry = header.entry;
  facts.headers = headersInMemory(header.programHeaders, headers, count);
  facts.headerCount = count;
  replaceProgram(current(), space, file, path, gathered);
  return 0;
}

function mapStack(space: Space, need: usize): i32 {
  if (need > STACK_LIMIT / 4) return -ENOMEM;
  const rights = AREA_READ | AREA_WRITE | AREA_EXECUTE | AREA_GROWS;
  return insertArea(areasOf(space), pageDown(USER_END - need), USER_END, rights, null, 0, 0) === null ? -ENOMEM : 0;
}

/** The point of no return: a program that cannot get its stack any more is killed. */
function replaceProgram(task: Task, space: Space, file: Inode, path: usize, gathered: Arguments): void {
  const old = task.space;
  disableInterrupts();
  task.space = space;
  useSpace(space);
  enableInterrupts();
  if (old !== null) destroySpace(old);
  const stack = programStack(space, gathered, path, facts);
  if (stack == 0) exitTask(SIGKILL);
  closeOnExec(task.files!);
  resetSignals(task);
  nameTask(task, path);
  const before = task.executable;
  task.executable = holdInode(file);
  if (before !== null) releaseInode(before);
  task.clearTid = 0;
  disableInterrupts();
  clearThreadState(task);
  enableInterrupts();
  resetFpu();
  startFrame(task, stack);
}

/** Handlers are gone with the program; what was ignored stays ignored (POSIX: exec). */
function resetSignals(task: Task): void {
  for (let signal: u32 = 1; signal <= SIGNALS; signal++) {
    const action = actionOf(task, signal);
    if (action.handler != SIG_IGN) action.handler = SIG_DFL;
    action.flags = 0;
    action.restorer = 0;
    action.maskLow = 0;
    action.maskHigh = 0;
  }
}

/** The last component of the path, cut to 15 bytes. */
function nameTask(task: Task, path: usize): void {
  let from = path;
  for (let at = path; load<u8>(at) != 0; at++) if (load<u8>(at) == SLASH) from = at + 1;
  const name = taskName(task);
  memory.fill(name, 0, 16);
  memory.copy(name, from, min<usize>(lengthOf(from), 15));
}

function startFrame(task: Task, stack: usize): void {
  const frame = userFrame(task);
  memory.fill(changetype<usize>(frame), 0, TRAP_FRAME_SIZE);
  frame.eip = facts.entry;
  frame.cs = SELECTOR_USER_CODE;
  frame.eflags = DEFAULT_FLAGS;
  frame.esp = <u32>stack;
  frame.ss = SELECTOR_USER_DATA;
}
