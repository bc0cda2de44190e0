/** Processes of the shell: waiting, process groups and the terminal (POSIX XCU 2.11). */
import { cstr } from "@mercury/toolchain/metal";
import { ECHILD, EINTR } from "@mercury/abi/metal";
import { TIOCSPGRP } from "../../../linux/terminal";
import { beginError, endError, put, putByte, putDecimal } from "../../lib/print";
import { signalText } from "../../lib/signals";
import { control, processGroup, sendSignal, setProcessGroup, signalAction, waitFor } from "../../lib/syscall";

const WUNTRACED: u32 = 2;
const WNOHANG: u32 = 1;
const SIGINT: u32 = 2;
const SIGQUIT: u32 = 3;
const SIGPIPE: u32 = 13;
const SIGCONT: u32 = 18;
const SIGTSTP: u32 = 20;
const SIGTTIN: u32 = 21;
const SIGTTOU: u32 = 22;

const status: usize = memory.data(4);
const group: usize = memory.data(4);
/** struct sigaction: handler, flags, restorer, mask. */
const action: usize = memory.data(20);

/** The shell controls a terminal: every pipeline gets a process group of its own. */
export let jobControl = false;
/** A command was interrupted from the terminal: loops and lists end. */
export let interrupted = false;
export function clearInterrupt(): void {
  interrupted = false;
}
/** Group that was stopped last, for fg and bg. */
let stoppedGroup: i32 = 0;

/** An interactive shell is not ended or stopped by the keys that are meant for its commands. */
export function takeTerminal(): void {
  jobControl = true;
  setHandling(SIGINT, 1);
  setHandling(SIGQUIT, 1);
  setHandling(SIGTSTP, 1);
  setHandling(SIGTTIN, 1);
  setHandling(SIGTTOU, 1);
  setProcessGroup(0, 0);
  setForeground(processGroup());
}

/** handler 0: the default action, 1: ignored. */
function setHandling(signal: u32, handler: usize): void {
  memory.fill(action, 0, 20);
  store<usize>(action, handler);
  signalAction(signal, action, 0);
}

/** In a child: signals as a program expects them, and the pipeline's group. `leader` 0: the child leads. */
export function enterJob(leader: i32, foreground: bool): void {
  if (!jobControl) return;
  jobControl = false;
  setProcessGroup(0, leader);
  if (foreground) setForeground(processGroup());
  setHandling(SIGINT, 0);
  setHandling(SIGQUIT, 0);
  setHandling(SIGTSTP, 0);
  setHandling(SIGTTIN, 0);
  setHandling(SIGTTOU, 0);
}

export function setForeground(leader: i32): void {
  store<i32>(group, leader);
  control(0, TIOCSPGRP, group);
}

/** Waits for one process of a foreground job; its exit status, or 128 and the signal that ended or stopped it. */
export function waitForProcess(pid: i32): i32 {
  while (true) {
    const ended = waitFor(pid, status, WUNTRACED);
    if (ended == -EINTR) continue;
    if (ended < 0) return 127;
    return interpret(pid, load<u32>(status));
  }
}

/** Bits of a wait status (wait(2)): 0x7f in the low byte: stopped; low seven bits: the signal that ended it. */
function interpret(pid: i32, wait: u32): i32 {
  if ((wait & 0xff) == 0x7f) {
    stoppedGroup = pid;
    report(pid, cstr`Stopped`);
    return 128 + ((wait >> 8) & 0xff);
  }
  const signal = wait & 0x7f;
  if (signal == 0) return (wait >> 8) & 0xff;
  if (signal == SIGINT) {
    interrupted = true;
    if (jobControl) {
      put(cstr`\n`);
    }
  } else if (signal != SIGPIPE) report(pid, signalText(signal));
  return 128 + signal;
}

function report(pid: i32, text: usize): void {
  beginError();
  put(text);
  put(cstr` (process `);
  putDecimal(pid);
  put(cstr`)`);
  putByte(0x0a);
  endError();
}

/** Reaps background processes that have ended. */
export function reapBackground(): void {
  while (waitFor(-1, status, WNOHANG) > 0);
}

/** `wait`: all children, or one. */
export function waitForBackground(pid: i32): i32 {
  let result: i32 = 0;
  while (true) {
    const ended = waitFor(pid, status, 0);
    if (ended == -ECHILD) return pid > 0 ? 127 : 0;
    if (ended < 0) continue;
    const wait = load<u32>(status);
    result = (wait & 0x7f) == 0 ? (wait >> 8) & 0xff : 128 + (wait & 0x7f);
    if (pid > 0) return result;
  }
}

/** `fg` and `bg`: lets the job that was stopped last go on. */
export function continueJob(foreground: bool): i32 {
  if (stoppedGroup == 0) return -1;
  const leader = stoppedGroup;
  stoppedGroup = 0;
  if (foreground) setForeground(leader);
  sendSignal(-leader, SIGCONT);
  if (!foreground) return 0;
  const result = waitForProcess(leader);
  setForeground(processGroup());
  return result;
}
