import {
  SELECTOR_KERNEL_CODE_RING1, SELECTOR_KERNEL_DATA_RING1, SELECTOR_USER_DATA, SELECTOR_VMM_TASK_STATE, VMM_FRAME_SIZE, VmmFrame,
} from "@mercury/abi/metal";
import { loadFs, loadGdt, loadGs, loadIdt, loadTaskRegister } from "@mercury/toolchain/metal";
import { taskState } from "./descriptors/task-state";
import { masterDirectory } from "./domains/facts";
import { setActive, setAlwaysOn, setDirectory, sharedPage } from "./domains/first";
import { startLines } from "./events/lines";
import { INTERRUPT_FLAG, setVirtualFlag } from "./events/virtual-flag";
import { startEpoch } from "./frames/records";
import { adoptProcessor } from "./processor";
import { FORM_VIRTUAL, patchSites } from "./sites";
import { gdtDescriptor, idtDescriptor, stackTop } from "./symbols";
import { resume } from "./traps/return-fault";
import { loadDirectoryAfresh } from "./tables/flush";
import { landingMachine } from "./tables/landing";

/** Bit 1 of EFLAGS is always set (SDM 1 3.4.3). */
const FLAGS_FIXED: u32 = 2;

/** Always-on: the VMM takes the machine before the kernel has run, and starts the kernel in ring 1. Called after the warm-up; does not return. */
export function bootFirst(entry: u32, kernelStackTop: u32): void {
  setAlwaysOn();
  setActive(true);
  startEpoch();
  setDirectory(masterDirectory, true);
  startLines();
  patchSites(FORM_VIRTUAL);
  taskState().esp1 = kernelStackTop;
  loadGdt(gdtDescriptor());
  loadIdt(idtDescriptor());
  loadTaskRegister(SELECTOR_VMM_TASK_STATE);
  loadFs(0);
  loadGs(0);
  adoptProcessor();
  setVirtualFlag(0);
  sharedPage().mode = FORM_VIRTUAL;
  sharedPage().alwaysOn = 1;
  loadDirectoryAfresh(landingMachine());
  resume(firstFrame(entry, kernelStackTop));
}

function firstFrame(entry: u32, kernelStackTop: u32): usize {
  const frame = changetype<VmmFrame>(stackTop() - <usize>VMM_FRAME_SIZE);
  memory.fill(changetype<usize>(frame), 0, VMM_FRAME_SIZE);
  frame.es = SELECTOR_USER_DATA;
  frame.ds = SELECTOR_USER_DATA;
  frame.eip = entry;
  frame.cs = SELECTOR_KERNEL_CODE_RING1;
  frame.flags = INTERRUPT_FLAG | FLAGS_FIXED;
  frame.esp = kernelStackTop;
  frame.ss = SELECTOR_KERNEL_DATA_RING1;
  return changetype<usize>(frame);
}
