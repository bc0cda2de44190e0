import {
  SELECTOR_KERNEL_DATA_RING1, SELECTOR_VMM_CODE, SELECTOR_VMM_DATA, TASK_STATE_SIZE, TaskState,
} from "@mercury/abi/metal";
import { doubleFaultEntry, doubleFaultStackTop, doubleFaultTaskStateAddress, stackTop, taskStateAddress } from "../symbols";
import { landingMachine } from "../tables/landing";

/** Bit 1 of EFLAGS is always set (SDM 1 3.4.3). */
const FLAGS_FIXED: u32 = 2;

/** The task state while the VMM is active: its own stack for ring 0, the current thread's kernel stack for ring 1. */
export function taskState(): TaskState {
  return changetype<TaskState>(taskStateAddress());
}

export function buildTaskStates(): void {
  const state = taskState();
  state.esp0 = <u32>stackTop();
  state.ss0 = SELECTOR_VMM_DATA;
  state.ss1 = SELECTOR_KERNEL_DATA_RING1;
  // Beyond the limit: no port is allowed outside ring 0 (SDM 1 19.5.2).
  state.ioBitmap = <u16>TASK_STATE_SIZE;
  const double = changetype<TaskState>(doubleFaultTaskStateAddress());
  double.cr3 = landingMachine();
  double.eip = <u32>doubleFaultEntry();
  double.flags = FLAGS_FIXED;
  double.esp = <u32>doubleFaultStackTop();
  double.cs = SELECTOR_VMM_CODE;
  double.ss = SELECTOR_VMM_DATA;
  double.ds = SELECTOR_VMM_DATA;
  double.es = SELECTOR_VMM_DATA;
  double.ioBitmap = <u16>TASK_STATE_SIZE;
}
