import { disableInterrupts, enableInterrupts, restoreFlags, saveFlags } from "mercury:vo";
import { cstr } from "@mercury/toolchain/metal";
import { holdInode } from "../fs/inode";
import { root } from "../fs/path";
import { openConsole } from "../fs/start";
import { newFileTable } from "../fs/table";
import { current, enlist } from "../sched/task";
import { panic } from "../trap/panic";
import { Arguments, lengthOf, newArguments, freeArguments } from "./arguments";
import { createTask } from "./create";
import { execute } from "./exec";
import { startTask } from "./fork";
import { nextPid } from "./pid";

/** Task 1. */

/** Address of startInit. */
// @ts-ignore: decorator
@external("sym", "startInit") export declare function startInitAddress(): usize;

/** Creates task 1, ready to run; false when memory is out. */
export function createInit(): bool {
  const task = createTask(startInitAddress());
  const files = newFileTable();
  if (task === null || files === null) return false;
  task.files = files;
  task.directory = holdInode(root());
  task.umask = 0o22;
  task.pid = nextPid();
  task.group = task.pid;
  task.session = task.pid;
  const flags = saveFlags();
  disableInterrupts();
  enlist(task);
  restoreFlags(flags);
  startTask(task);
  return true;
}

/** Task 1 begins here, with interrupts off; on return it leaves to user mode, into /bin/init. */
export function startInit(): void {
  enableInterrupts();
  const task = current();
  openConsole(task.files!);
  const gathered = newArguments();
  if (gathered === null) {
    panic(cstr`no memory for init`);
    return;
  }
  addArgument(gathered, cstr`init`);
  addEnvironment(gathered, cstr`HOME=/`);
  addEnvironment(gathered, cstr`PATH=/bin`);
  addEnvironment(gathered, cstr`TERM=vt100`);
  if (execute(cstr`/bin/init`, gathered) != 0) panic(cstr`/bin/init cannot be run`);
  freeArguments(gathered);
}

function append(gathered: Arguments, text: usize): void {
  const length = lengthOf(text) + 1;
  memory.copy(gathered.buffer + gathered.used, text, length);
  gathered.used += length;
}

function addArgument(gathered: Arguments, text: usize): void {
  append(gathered, text);
  gathered.argumentCount++;
  gathered.argumentBytes = gathered.used;
}

function addEnvironment(gathered: Arguments, text: usize): void {
  append(gathered, text);
  gathered.environmentCount++;
}
