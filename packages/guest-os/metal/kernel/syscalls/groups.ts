import { EACCES, EINVAL, EPERM, ESRCH } from "@mercury/abi/metal";
import { Task, current, findTask, firstTask } from "../sched/task";

/** Process groups and sessions. */

/** The task of a pid, 0 meaning the caller. */
function taskOf(pid: u32): Task | null {
  return pid == 0 ? current() : findTask(pid);
}

export function sysSetpgid(pid: u32, group: u32): i32 {
  if (<i32>group < 0) return -EINVAL;
  const me = current();
  const task = taskOf(pid);
  if (task === null || (task !== me && task.parent !== me)) return -ESRCH;
  if (task.session != me.session) return task === me ? -EPERM : -ESRCH;
  if (task.pid == task.session) return -EPERM;
  // A child that has run another program is master of itself (POSIX); its executable is then not the parent's.
  if (task !== me && task.executable !== me.executable) return -EACCES;
  const wanted = group == 0 ? task.pid : group;
  if (wanted != task.pid && !groupInSession(wanted, me.session)) return -EPERM;
  task.group = wanted;
  return 0;
}

function groupInSession(group: u32, session: u32): bool {
  let task = firstTask();
  while (task !== null) {
    if (task.group == group && task.session == session) return true;
    task = task.nextTask;
  }
  return false;
}

export function sysGetpgid(pid: u32): i32 {
  const task = taskOf(pid);
  return task === null ? -ESRCH : task.group;
}

export function sysGetpgrp(): i32 {
  return current().group;
}

export function sysGetsid(pid: u32): i32 {
  const task = taskOf(pid);
  return task === null ? -ESRCH : task.session;
}

/** A new session with the caller alone in it and no terminal. */
export function sysSetsid(): i32 {
  const me = current();
  let task = firstTask();
  while (task !== null) {
    if (task.group == me.pid) return -EPERM;
    task = task.nextTask;
  }
  me.session = me.pid;
  me.group = me.pid;
  me.terminal = null;
  return me.pid;
}
