/**
 * init: the first process. It mounts /proc, takes the console, runs /etc/run when there is one (`mercury run`) or a shell, and reaps what nobody waits for.
 * When its child ends it powers the machine off; a shell on the console is started again.
 */
import { cstr } from "@mercury/toolchain/metal";
import { ECHILD, ENOENT } from "@mercury/abi/metal";
import { O_RDONLY, O_RDWR, O_WRONLY, PATH_MAX } from "../../linux/files";
import { TIOCSCTTY } from "../../linux/terminal";
import { Arguments } from "../lib/args";
import { complain } from "../lib/errors";
import { allocate } from "../lib/heap";
import { searchPath } from "../lib/execute";
import { flush, putLine } from "../lib/print";
import { close, control, duplicate, execute, exit, fork, mountFilesystem, newSession, open, read, rebootSystem, waitFor } from "../lib/syscall";
import { POWER_OFF, POWER_OFF_WITH_CODE } from "../../linux/reboot";

const program = cstr`init`;
const runFile = cstr`/etc/run`;
const commandSize: u32 = 65536;
const status: usize = memory.data(4);
const shellArguments: usize = memory.data(12);
const environmentBlock: usize = memory.data(16);

export function init(list: Arguments): i32 {
  mountFilesystem(cstr`proc`, cstr`/proc`, cstr`proc`);
  store<usize>(environmentBlock, cstr`PATH=/bin`);
  store<usize>(environmentBlock + 4, cstr`HOME=/`);
  store<usize>(environmentBlock + 8, cstr`TERM=vt100`);
  const command = readCommand();
  putLine(cstr`mercury: ready`);
  flush();
  return command != 0 ? runCommand(command) : serveShells();
}

/** Arguments of the command of `mercury run`, each ended by NUL, as an array; 0 when there is none. */
function readCommand(): usize {
  const fd = open(runFile, O_RDONLY, 0);
  if (fd == -ENOENT) return 0;
  const text = allocate(commandSize);
  const size = fd < 0 ? fd : read(fd, text, commandSize - 1);
  if (fd >= 0) close(fd);
  if (size <= 0) {
    complain(program, runFile, size);
    return 0;
  }
  const values = allocate(<u32>(size + 2) * 4);
  let count: usize = 0;
  for (let at = text; at < text + size; at++) {
    store<usize>(values + (count++ << 2), at);
    while (load<u8>(at) != 0) at++;
  }
  return values;
}

/** Output goes to the two raw serial ports, so that it comes out as written and apart from the console. */
function runCommand(values: usize): i32 {
  const pid = fork();
  if (pid == 0) {
    redirect(cstr`/dev/ttyS1`, 1);
    redirect(cstr`/dev/ttyS2`, 2);
    startCommand(values);
  }
  const code = exitCode(reapUntil(pid));
  rebootSystem(code == 0 ? POWER_OFF : POWER_OFF_WITH_CODE, code);
  return code;
}

function redirect(path: usize, to: i32): void {
  const fd = open(path, O_WRONLY, 0);
  if (fd < 0) return;
  duplicate(fd, to);
  close(fd);
}

/** Does not return: 127 when there is no such command, 126 when it cannot be executed (POSIX XCU 2.8.2). */
function startCommand(values: usize): void {
  newSession();
  control(0, TIOCSCTTY, 0);
  const name = load<usize>(values);
  const path = allocate(PATH_MAX);
  let result: i32 = -ENOENT;
  if (searchPath(name, cstr`/bin`, path)) result = execute(path, values, environmentBlock);
  complain(program, name, result);
  exit(result == -ENOENT ? 127 : 126);
}

/** A login shell after the other; the machine ends when the console's input has ended. */
function serveShells(): i32 {
  store<usize>(shellArguments, cstr`sh`);
  while (true) {
    const pid = fork();
    if (pid < 0) return complain(program, cstr`fork`, pid);
    if (pid == 0) startShell();
    const ended = reapUntil(pid);
    if (ended == 0) rebootSystem(POWER_OFF, 0);
  }
}

function startShell(): void {
  newSession();
  const console = open(cstr`/dev/console`, O_RDWR, 0);
  if (console >= 0) {
    control(console, TIOCSCTTY, 0);
    for (let fd: i32 = 0; fd < 3; fd++) duplicate(console, fd);
    if (console > 2) close(console);
  }
  const result = execute(cstr`/bin/sh`, shellArguments, environmentBlock);
  complain(program, cstr`/bin/sh`, result);
  exit(127);
}

/** Waits for every child until `pid` has ended; its status. */
function reapUntil(pid: i32): u32 {
  while (true) {
    const ended = waitFor(-1, status, 0);
    if (ended == pid) return load<u32>(status);
    if (ended == -ECHILD) return 0;
  }
}

/** Exit status of a wait status: the code, or 128 and the signal (POSIX XCU 2.8.2). */
function exitCode(wait: u32): u32 {
  const signal = wait & 0x7f;
  return signal == 0 ? (wait >> 8) & 0xff : 128 + signal;
}
