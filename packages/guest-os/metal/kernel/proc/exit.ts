import { disableInterrupts } from "mercury:vo";
import { cstr } from "@mercury/toolchain/metal";
import { releaseInode } from "../fs/inode";
import { releaseFileTable } from "../fs/table";
import { destroySpace } from "../mm/space";
import { writeUser32 } from "../mm/user-copy";
import { schedule } from "../sched/queue";
import { TASK_STOPPED, TASK_ZOMBIE, Task, current, firstTask } from "../sched/task";
import { cancelTimer } from "../sched/timer";
import { panic } from "../trap/panic";
import { leaveTerminal } from "../tty/jobs";
import { adopt, disown, initTask } from "./family";
import { actionOf, isOrphanedGroup, notifyParent, signalGroup } from "./signals";
import { SA_NOCLDWAIT, SIGCHLD, SIGCONT, SIGHUP, SIG_IGN } from "./signal-numbers";
import { useKernelSpace } from "./kernel-space";

/** Ends the current task with a status as wait4 gives it: exit code << 8, or a signal's number. Does not return. */
export function exitTask(status: u32): void {
  const task = current();
  if (task.pid == 1) panic(cstr`init has ended`);
  if (task.clearTid != 0) writeUser32(task.clearTid, 0);
  releaseFiles(task);
  releaseMemory(task);
  disableInterrupts();
  cancelTimer(task.sleepTimer!);
  cancelTimer(task.alarmTimer!);
  if (task.session == task.pid) leaveTerminal(task);
  giveChildrenAway(task);
  task.status = status;
  task.state = TASK_ZOMBIE;
  tellParent(task);
  releaseStoppedJobs(task);
  // The stack under this call is freed by whoever waits for the task, which runs only after the switch.
  schedule();
}

function releaseFiles(task: Task): void {
  const files = task.files;
  if (files !== null) releaseFileTable(files);
  task.files = null;
  const directory = task.directory;
  if (directory !== null) releaseInode(directory);
  task.directory = null;
  const executable = task.executable;
  if (executable !== null) releaseInode(executable);
  task.executable = null;
}

function releaseMemory(task: Task): void {
  const space = task.space;
  if (space === null) return;
  useKernelSpace();
  task.space = null;
  destroySpace(space);
}

function giveChildrenAway(task: Task): void {
  const heir = initTask();
  if (heir === null) return;
  let zombies = false;
  let child = task.firstChild;
  while (child !== null) {
    disown(child);
    adopt(heir, child);
    if (child.state == TASK_ZOMBIE) zombies = true;
    child = task.firstChild;
  }
  if (zombies) notifyParent(heir, true);
}

/** A parent that ignores SIGCHLD waits for nobody: task 1 reaps its children (POSIX: SA_NOCLDWAIT). */
function tellParent(task: Task): void {
  const parent = task.parent;
  if (parent === null) return;
  const action = actionOf(parent, SIGCHLD);
  if (action.handler != SIG_IGN && (action.flags & SA_NOCLDWAIT) == 0) {
    notifyParent(parent, true);
    return;
  }
  const heir = initTask();
  if (heir === null) return;
  disown(task);
  adopt(heir, task);
  notifyParent(heir, true);
  // The last child may be what the parent's wait4 is waiting for: it answers ECHILD then.
  notifyParent(parent, false);
}

/** Groups that nobody can continue any more get SIGHUP and SIGCONT when a member is stopped (POSIX: exit). */
function releaseStoppedJobs(task: Task): void {
  let other = firstTask();
  while (other !== null) {
    if (other.state == TASK_STOPPED && other.session == task.session && isOrphanedGroup(other.group)) {
      signalGroup(other.group, SIGHUP);
      signalGroup(other.group, SIGCONT);
    }
    other = other.nextTask;
  }
}
