/** Whose the terminal is: controlling terminal, foreground group, and what background jobs may do (POSIX.1 11.1). */
import { EINVAL, EIO, ENOTTY, EPERM, ESRCH } from "@mercury/abi/metal";
import { disableInterrupts, restoreFlags, saveFlags } from "mercury:vo";
import { SIGCONT, SIGHUP, SIGTTIN, SIGTTOU } from "../proc/signal-numbers";
import { isOrphanedGroup, signalGroup, signalIgnoredOrBlocked } from "../proc/signals";
import { Task, current, firstTask } from "../sched/task";
import { ERESTARTSYS } from "../sched/wait";
import { TOSTOP } from "../../linux/terminal";
import { Terminal, hasLocal } from "./terminal";

/** Whether the current task is in a background group of the terminal's session. */
function inBackground(terminal: Terminal): bool {
  const me = current();
  return me.terminal === terminal && terminal.foreground != 0 && me.group != terminal.foreground;
}

/** Before reading: 0, -EIO for a group that nobody could bring back, or SIGTTIN to the group and -ERESTARTSYS. */
export function mayRead(terminal: Terminal): i32 {
  if (!inBackground(terminal)) return 0;
  const me = current();
  if (signalIgnoredOrBlocked(me, SIGTTIN) || isOrphanedGroup(me.group)) return -EIO;
  signalGroup(me.group, SIGTTIN);
  return -ERESTARTSYS;
}

/** Before changing the terminal: 0, -EIO, or SIGTTOU to the group and -ERESTARTSYS. Who ignores or blocks the signal may. */
export function mayChange(terminal: Terminal): i32 {
  if (!inBackground(terminal)) return 0;
  const me = current();
  if (signalIgnoredOrBlocked(me, SIGTTOU)) return 0;
  if (isOrphanedGroup(me.group)) return -EIO;
  signalGroup(me.group, SIGTTOU);
  return -ERESTARTSYS;
}

/** Before writing: as mayChange when TOSTOP is set. */
export function mayWrite(terminal: Terminal): i32 {
  return hasLocal(terminal, TOSTOP) ? mayChange(terminal) : 0;
}

/** TIOCSCTTY: the terminal becomes the one of the current session, whose leader asks; `steal` takes it from another session. */
export function takeTerminal(terminal: Terminal, steal: bool): i32 {
  const me = current();
  if (me.terminal === terminal && terminal.session == me.session) return 0;
  if (me.session != me.pid || me.terminal !== null) return -EPERM;
  if (terminal.session != 0) {
    if (!steal) return -EPERM;
    forgetSession(terminal.session);
  }
  setOwner(terminal, me.session, me.group);
  me.terminal = terminal;
  return 0;
}

/** The interrupt handler reads both. */
function setOwner(terminal: Terminal, session: u32, group: u32): void {
  const flags = saveFlags();
  disableInterrupts();
  terminal.session = session;
  terminal.foreground = group;
  restoreFlags(flags);
}

/** No task of the session has a controlling terminal any more. */
function forgetSession(session: u32): void {
  let task = firstTask();
  while (task !== null) {
    if (task.session == session) task.terminal = null;
    task = task.nextTask;
  }
}

/** TIOCNOTTY, and the exit of a session's leader: the leader leaves for all, and its foreground group hears of it. */
export function leaveTerminal(task: Task): void {
  const terminal = task.terminal;
  if (terminal === null) return;
  task.terminal = null;
  if (task.session != task.pid || terminal.session != task.session) return;
  const foreground = terminal.foreground;
  setOwner(terminal, 0, 0);
  forgetSession(task.session);
  if (foreground == 0) return;
  signalGroup(foreground, SIGHUP);
  signalGroup(foreground, SIGCONT);
}

/** TIOCSPGRP: a group of the session comes to the foreground. */
export function setForeground(terminal: Terminal, group: u32): i32 {
  const me = current();
  if (me.terminal !== terminal || terminal.session != me.session) return -ENOTTY;
  if (<i32>group < 0) return -EINVAL;
  const refused = mayChange(terminal);
  if (refused != 0) return refused;
  const session = sessionOf(group);
  if (session == 0) return -ESRCH;
  if (session != me.session) return -EPERM;
  setOwner(terminal, me.session, group);
  return 0;
}

/** The session of a group, or 0 when there is no such group. */
function sessionOf(group: u32): u32 {
  let task = firstTask();
  while (task !== null) {
    if (task.group == group) return task.session;
    task = task.nextTask;
  }
  return 0;
}
