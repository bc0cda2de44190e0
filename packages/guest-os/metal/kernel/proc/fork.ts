import { disableInterrupts, restoreFlags, saveFlags } from "mercury:vo";
import { EAGAIN, ENOMEM } from "@mercury/abi/metal";
import { copyFileTable } from "../fs/table";
import { copyFpu } from "../fpu/state";
import { holdInode } from "../fs/inode";
import { forkSpace } from "../mm/fork";
import { destroySpace } from "../mm/space";
import { enqueue } from "../sched/queue";
import { saveSegments } from "../sched/switch";
import { SLICE_TICKS } from "../sched/tick";
import { Task, current, enlist, taskCount, taskName } from "../sched/task";
import { TRAP_FRAME_SIZE, userFrame } from "../trap/frame";
import { createTask, freeTask } from "./create";
import { adopt } from "./family";
import { nextPid } from "./pid";
import { SIGNAL_ACTIONS_SIZE } from "./signals";

/** Processes beyond which fork answers EAGAIN (RLIMIT_NPROC). */
const PROCESS_LIMIT: u32 = 4096;

/** Where a child's thread starts: nothing is left to do before user mode (stubs/context-switch.ts). */
// @ts-ignore: decorator
@external("sym", "forkedTask") export declare function forkedTask(): usize;

/** A copy of the current task, not yet running, or a negated errno. */
export function forkTask(): usize {
  if (taskCount() >= PROCESS_LIMIT) return <usize>-EAGAIN;
  const parent = current();
  const child = createTask(forkedTask());
  if (child === null) return <usize>-ENOMEM;
  if (!copyResources(child, parent)) {
    freeTask(child);
    return <usize>-ENOMEM;
  }
  copyState(child, parent);
  memory.copy(changetype<usize>(userFrame(child)), changetype<usize>(userFrame(parent)), TRAP_FRAME_SIZE);
  userFrame(child).eax = 0;
  child.pid = nextPid();
  const flags = saveFlags();
  disableInterrupts();
  adopt(parent, child);
  enlist(child);
  restoreFlags(flags);
  return changetype<usize>(child);
}

/** Lets a new task run. */
export function startTask(task: Task): void {
  const flags = saveFlags();
  disableInterrupts();
  enqueue(task);
  restoreFlags(flags);
}

/** What may fail for want of memory; all or nothing. */
function copyResources(child: Task, parent: Task): bool {
  const copy = forkSpace(parent.space!);
  if (copy === null) return false;
  const table = copyFileTable(parent.files!);
  if (table === null) {
    destroySpace(copy);
    return false;
  }
  child.space = copy;
  child.files = table;
  return true;
}

function copyState(child: Task, parent: Task): void {
  child.group = parent.group;
  child.session = parent.session;
  child.terminal = parent.terminal;
  child.umask = parent.umask;
  const directory = parent.directory;
  if (directory !== null) child.directory = holdInode(directory);
  const executable = parent.executable;
  if (executable !== null) child.executable = holdInode(executable);
  child.blocked = parent.blocked;
  memory.copy(child.actions, parent.actions, SIGNAL_ACTIONS_SIZE);
  copyFpu(child);
  saveSegments(parent);
  child.fs = parent.fs;
  child.gs = parent.gs;
  child.tls0 = parent.tls0;
  child.tls1 = parent.tls1;
  child.tls2 = parent.tls2;
  child.slice = SLICE_TICKS;
  memory.copy(taskName(child), taskName(parent), 16);
}
