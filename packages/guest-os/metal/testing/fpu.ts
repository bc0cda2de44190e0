/** The FPU's state for tests in Node. */
import { codeOf, raised } from "../kernel/fpu/fault";
import { SIGNAL_STATE_SIZE, fillLegacy, loadSignalState, signalStateAt, storeSignalState, takeLegacy } from "../kernel/fpu/signal-state";
import { FpuState, copyFpu, createFpuState, mxcsrMask, prepareFpuStates, resetFpu, switchFpu } from "../kernel/fpu/state";
import { addFrames, initializeFrames, linear } from "../kernel/mm/frames";
import { Task } from "../kernel/sched/task";

export { enableFpu, hasFpu, programFeatures } from "../kernel/fpu/unit";
export { codeOf, fillLegacy, loadSignalState, mxcsrMask, prepareFpuStates, resetFpu, signalStateAt, storeSignalState, takeLegacy };

/** Where a test puts a state in both forms. */
const place: usize = memory.data(624, 16);
const tasks: usize = memory.data(3 * 512, 8);

export function placeAddress(): usize {
  return place;
}

export function placeSize(): usize {
  return SIGNAL_STATE_SIZE;
}

/** Memory for states: 64 frames at 4 MB. */
export function setUp(): void {
  initializeFrames(linear(0x40_0000), 0x440);
  addFrames(0x41_0000, 0x44_0000);
}

function taskAt(index: u32): Task {
  return changetype<Task>(tasks + (index << 9));
}

/** Address of the task's new state; 0 where it has none. */
export function createState(index: u32): usize {
  createFpuState(taskAt(index));
  return taskAt(index).fpu;
}

export function switchTasks(previous: u32, next: u32): void {
  switchFpu(taskAt(previous), taskAt(next));
}

export function fork(index: u32): void {
  copyFpu(taskAt(index));
}

export function flagsOf(state: usize, vector: u32): u32 {
  return raised(changetype<FpuState>(state), vector);
}
