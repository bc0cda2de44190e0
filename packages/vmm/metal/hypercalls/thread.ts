import { EFAULT, EINVAL, VmmFrame } from "@mercury/abi/metal";
import * as gdt from "../descriptors/gdt";
import { taskState } from "../descriptors/task-state";
import { isOwnData } from "../frames/chunks";
import { openSystemCall } from "../traps/idt";
import { copyHandlers } from "../traps/handlers";
import { refuse } from "../tables/refusal";

/** A stack must at least hold the largest frame. */
const LARGEST_FRAME: u32 = 24;

export function setKernelStack(frame: VmmFrame): i32 {
  const top = frame.ebx;
  if (!isOwnData(top - LARGEST_FRAME, LARGEST_FRAME)) return refuse(-EINVAL, top);
  taskState().esp1 = top;
  return 0;
}

export function setTls(frame: VmmFrame): i32 {
  if (frame.ebx >= gdt.TLS_SLOTS || !gdt.isTlsDescriptor(frame.edx)) return refuse(-EINVAL, frame.edx);
  gdt.setTls(frame.ebx, frame.ecx, frame.edx);
  return 0;
}

export function loadTraps(frame: VmmFrame): i32 {
  if (!copyHandlers(frame.ebx, frame.ecx)) return refuse(-EFAULT, frame.ebx);
  openSystemCall();
  return 0;
}
