import { EFAULT, EINVAL, ENOMEM } from "@mercury/abi/metal";
import { clearUser, copyStringFromUser, writeUser32 } from "../mm/user-copy";
import { allocate, release } from "../mm/slab";
import { Arguments, freeArguments, gatherStrings, newArguments } from "../proc/arguments";
import { execute } from "../proc/exec";
import { exitTask } from "../proc/exit";
import { forkTask, startTask } from "../proc/fork";
import { isError } from "../fs/inode";
import { SIGCHLD } from "../proc/signal-numbers";
import { reportedStatus, waitForChild } from "../proc/wait";
import { Task, current } from "../sched/task";
import { writeSpace } from "../mm/space";
import { userFrame } from "../trap/frame";

/** Processes: their beginning, their program, their end. */

const PATH_MAX: usize = 4096;
const RUSAGE_SIZE: usize = 72;

// clone(2) flags (include/uapi/linux/sched.h).
const CSIGNAL: u32 = 0xff;
const CLONE_VM: u32 = 0x100;
const CLONE_VFORK: u32 = 0x4000;
const CLONE_PARENT_SETTID: u32 = 0x10_0000;
const CLONE_CHILD_CLEARTID: u32 = 0x20_0000;
const CLONE_CHILD_SETTID: u32 = 0x100_0000;
/** What a process, not a thread, may ask for. vfork's shared memory is a promise that the child does not look: a copy keeps it. */
const CLONE_KNOWN: u32 = CSIGNAL | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID;

export function sysExit(status: u32): i32 {
  exitTask((status & 0xff) << 8);
  return 0;
}

export function sysFork(): i32 {
  const child = forkTask();
  if (isError(child)) return <i32>child;
  const task = changetype<Task>(child);
  const pid = task.pid;
  startTask(task);
  return pid;
}

export function sysClone(flags: u32, stack: u32, parentTid: u32, tls: u32, childTid: u32): i32 {
  const vfork = CLONE_VM | CLONE_VFORK;
  const rest = (flags & vfork) == vfork ? flags & ~vfork : flags;
  if ((rest & ~CLONE_KNOWN) != 0 || (rest & CSIGNAL) != SIGCHLD) return -EINVAL;
  const forked = forkTask();
  if (isError(forked)) return <i32>forked;
  const child = changetype<Task>(forked);
  const pid = child.pid;
  if (stack != 0) userFrame(child).esp = stack;
  if ((flags & CLONE_PARENT_SETTID) != 0) writeUser32(parentTid, pid);
  if ((flags & CLONE_CHILD_SETTID) != 0) writeSpace(child.space!, childTid, pid);
  if ((flags & CLONE_CHILD_CLEARTID) != 0) child.clearTid = childTid;
  startTask(child);
  return pid;
}

/** execve(2) */
export function sysExecve(path: u32, argv: u32, envp: u32): i32 {
  const name = allocate(PATH_MAX);
  if (name == 0) return -ENOMEM;
  const length = copyStringFromUser(name, path, PATH_MAX);
  const result = length < 0 ? length : runProgram(name, argv, envp);
  release(name);
  return result;
}

function runProgram(name: usize, argv: u32, envp: u32): i32 {
  const gathered = newArguments();
  if (gathered === null) return -ENOMEM;
  let result = gather(gathered, argv, envp);
  if (result == 0) result = execute(name, gathered);
  freeArguments(gathered);
  return result;
}

function gather(gathered: Arguments, argv: u32, envp: u32): i32 {
  const argumentCount = gatherStrings(gathered, argv);
  if (argumentCount < 0) return argumentCount;
  gathered.argumentCount = argumentCount;
  gathered.argumentBytes = gathered.used;
  const environmentCount = gatherStrings(gathered, envp);
  if (environmentCount < 0) return environmentCount;
  gathered.environmentCount = environmentCount;
  return 0;
}

export function sysWaitpid(pid: u32, status: u32, options: u32): i32 {
  return sysWait4(pid, status, options, 0);
}

export function sysWait4(pid: u32, status: u32, options: u32, rusage: u32): i32 {
  const result = waitForChild(<i32>pid, options);
  if (result <= 0) return result;
  if (status != 0 && writeUser32(status, reportedStatus()) != 0) return -EFAULT;
  if (rusage != 0 && clearUser(rusage, RUSAGE_SIZE) != 0) return -EFAULT;
  return result;
}

export function sysGetpid(): i32 {
  return current().pid;
}

export function sysGetppid(): i32 {
  const parent = current().parent;
  return parent === null ? 0 : parent.pid;
}

export function sysSetTidAddress(address: u32): i32 {
  current().clearTid = address;
  return current().pid;
}
