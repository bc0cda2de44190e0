import { firstTask } from "../sched/task";

/** Process numbers: rising, round after PID_MAX, never one that a process, group or session still bears. */

/** One past the highest number (Linux: PID_MAX_DEFAULT). */
const PID_MAX: u32 = 32_768;
/** Where numbers start again after a round, as the first few belong to long-lived processes. */
const PID_RESTART: u32 = 300;

let lastPid: u32 = 0;

export function nextPid(): u32 {
  do {
    lastPid = lastPid + 1 < PID_MAX ? lastPid + 1 : PID_RESTART;
  } while (inUse(lastPid));
  return lastPid;
}

function inUse(pid: u32): bool {
  let task = firstTask();
  while (task !== null) {
    if (task.pid == pid || task.group == pid || task.session == pid) return true;
    task = task.nextTask;
  }
  return false;
}
