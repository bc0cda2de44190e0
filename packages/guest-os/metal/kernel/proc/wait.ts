import { disableInterrupts, enableInterrupts } from "mercury:vo";
import { ECHILD, EINVAL } from "@mercury/abi/metal";
import { TASK_ZOMBIE, Task, current, delist } from "../sched/task";
import { ERESTARTSYS, WaitQueue, sleepOn } from "../sched/wait";
import { freeTask } from "./create";
import { disown } from "./family";
import { childWaitersOf } from "./signals";

export const WNOHANG: u32 = 1;
export const WUNTRACED: u32 = 2;
export const WCONTINUED: u32 = 8;
/** __WALL and __WNOTHREAD make no difference without threads; __WCLONE would ask for children that do not exist here. */
const KNOWN_OPTIONS: u32 = WNOHANG | WUNTRACED | WCONTINUED | 0x4000_0000 | 0x2000_0000;
const CONTINUED_STATUS: u32 = 0xffff;

/** Status of the child that waitForChild returned. */
let reported: u32 = 0;

export function reportedStatus(): u32 {
  return reported;
}

/** wait4: the pid of a child with news, 0 (WNOHANG), -ECHILD, -EINVAL or -ERESTARTSYS. The status is in reportedStatus(). */
export function waitForChild(pid: i32, options: u32): i32 {
  if ((options & ~KNOWN_OPTIONS) != 0) return -EINVAL;
  const task = current();
  const queue = changetype<WaitQueue>(childWaitersOf(task));
  while (true) {
    disableInterrupts();
    const result = lookForNews(task, pid, options);
    if (result != 0 || (options & WNOHANG) != 0) {
      enableInterrupts();
      return result;
    }
    const error = sleepOn(queue);
    enableInterrupts();
    if (error != 0) return -ERESTARTSYS;
  }
}

/** A matching child's pid, 0 when none has news, -ECHILD when there is none. */
function lookForNews(task: Task, pid: i32, options: u32): i32 {
  let result = -ECHILD;
  let child = task.firstChild;
  while (child !== null) {
    if (matches(child, task, pid)) {
      result = 0;
      if (hasNews(child, options)) return take(task, child);
    }
    child = child.nextSibling;
  }
  return result;
}

function matches(child: Task, parent: Task, pid: i32): bool {
  if (pid > 0) return child.pid == <u32>pid;
  if (pid == -1) return true;
  return child.group == (pid == 0 ? parent.group : <u32>-pid);
}

function hasNews(child: Task, options: u32): bool {
  if (child.state == TASK_ZOMBIE) return true;
  if ((options & WUNTRACED) != 0 && child.stopSignal != 0) return true;
  return (options & WCONTINUED) != 0 && child.continued != 0;
}

function take(parent: Task, child: Task): i32 {
  const pid = child.pid;
  if (child.state != TASK_ZOMBIE) {
    reported = child.stopSignal != 0 ? (child.stopSignal << 8) | 0x7f : CONTINUED_STATUS;
    child.stopSignal = 0;
    child.continued = 0;
    return pid;
  }
  reported = child.status;
  parent.childUserTicks += child.userTicks + child.childUserTicks;
  parent.childSystemTicks += child.systemTicks + child.childSystemTicks;
  disown(child);
  delist(child);
  freeTask(child);
  return pid;
}
