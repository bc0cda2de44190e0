/** Children of the shell: subshells, commands in the background, pipelines. */
import { cstr } from "@mercury/toolchain/metal";
import { take } from "./arena";
import { enterJob, jobControl, setForeground, waitForProcess } from "./jobs";
import { currentSource } from "./lexer";
import { runNode } from "./run";
import { runSimpleInChild } from "./simple";
import { child, Node, PIPE, SIMPLE } from "./tree";
import { setLastBackground } from "./variables";
import { O_RDONLY } from "../../../linux/files";
import { complain } from "../../lib/errors";
import { beginError, discard, endError, flush, put, putByte, putDecimal, takeWriteError } from "../../lib/print";
import { close, duplicate, exit, fork, open, pipe, processGroup, setProcessGroup } from "../../lib/syscall";

/** Forks; the child comes back with 0 and is no interactive shell any more. */
export function forkJob(leader: i32, foreground: bool): i32 {
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
export function finish(pid: i32): i32 {
  if (pid < 0) return 126;
  if (jobControl) setForeground(pid);
  const status = waitForProcess(pid);
  if (jobControl) setForeground(processGroup());
  return status;
}

export function runSubshell(node: Node): i32 {
  const pid = forkJob(0, true);
  if (pid == 0) leave(runNode(child(node.left)));
  return finish(pid);
}

/** Ends a child of the shell. */
export function leave(status: i32): void {
  flush();
  exit(takeWriteError() ? 1 : status);
}

/** What a child was made for: a simple command needs no further process. */
function runInChild(node: Node): i32 {
  return node.kind == SIMPLE ? runSimpleInChild(node) : runNode(node);
}

export function runBackground(node: Node): i32 {
  const pid = forkJob(0, false);
  if (pid == 0) {
    // Without job control a command in the background must not read what is meant for the shell (POSIX XCU 2.9.3.1).
    const nothing = open(cstr`/dev/null`, O_RDONLY, 0);
    if (nothing > 0) {
      duplicate(nothing, 0);
      close(nothing);
    }
    leave(runInChild(node));
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

/** Commands of a pipeline: PIPE's right side is the rest of it. */
function countStages(node: Node): u32 {
  let count: u32 = 1;
  for (let at = node; at.kind == PIPE; at = child(at.right)) count++;
  return count;
}

/** Every command of a pipeline is a child; the status is the last one's. */
export function runPipeline(node: Node): i32 {
  const stages = countStages(node);
  const pids = take(stages * 4);
  let started: u32 = 0;
  let input: i32 = -1;
  let at = node;
  while (started < stages) {
    const last = started == stages - 1;
    if (last) store<i64>(pipeEnds, -1);
    else {
      const result = pipe(pipeEnds);
      if (result < 0) return complain(cstr`sh`, cstr`pipe`, result);
    }
    const nextInput = load<i32>(pipeEnds);
    const output = load<i32>(pipeEnds + 4);
    const pid = startStage(last ? at : child(at.left), load<i32>(pids), input, output, nextInput);
    store<i32>(pids + (<usize>started << 2), pid);
    started++;
    if (input >= 0) close(input);
    if (output >= 0) close(output);
    input = nextInput;
    if (pid < 0) break;
    if (!last) at = child(at.right);
  }
  if (input >= 0) close(input);
  return waitForPipeline(pids, started);
}

function startStage(node: Node, leader: i32, input: i32, output: i32, unused: i32): i32 {
  const pid = forkJob(leader, true);
  if (pid != 0) return pid;
  if (unused >= 0) close(unused);
  connect(input, 0);
  connect(output, 1);
  leave(runInChild(node));
  return 0;
}

function connect(from: i32, to: i32): void {
  if (from < 0) return;
  duplicate(from, to);
  close(from);
}

/** Reaps every stage; a stage that could not be started is the last one, and makes the status. */
function waitForPipeline(pids: usize, count: u32): i32 {
  if (jobControl && load<i32>(pids) > 0) setForeground(load<i32>(pids));
  let status: i32 = 126;
  for (let index: u32 = 0; index < count; index++) {
    const pid = load<i32>(pids + (<usize>index << 2));
    status = pid > 0 ? waitForProcess(pid) : 126;
  }
  if (jobControl) setForeground(processGroup());
  return status;
}
