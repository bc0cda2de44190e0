import { CHUNK_SIZE, INTERFACE_VERSION, PAGE_SIZE, VMM_BASE, VmmHeader } from "@mercury/abi/metal";
import { call1, call2 } from "@mercury/toolchain/metal";
import { linear } from "../mm/frames";
import { Blob } from "./blobs";
import { MemoryPlan } from "./plan";

/** The boot path's way to the VMM: its image goes into the reserve, and its header says where it is called. */

/** 'MCRM' */
const MAGIC: u32 = 0x4d52_434d;

/** Copies the image and zeroes the rest of the reserve but the table in its last frame. The provisional directory maps the reserve. */
export function copyVmm(plan: MemoryPlan, image: Blob): void {
  const to = linear(plan.reserve);
  const size = image.end - image.start;
  memory.copy(to, linear(image.start), size);
  memory.fill(to + size, 0, CHUNK_SIZE - PAGE_SIZE - size);
}

function header(): VmmHeader {
  return changetype<VmmHeader>(VMM_BASE);
}

/** Whether what lies at vmmBase is a VMM of this interface. */
export function vmmFits(): bool {
  return header().magic == MAGIC && header().interfaceVersion == INTERFACE_VERSION;
}

/** Prepares the VMM and leaves it dormant: 0 or an errno. */
export function warmUpVmm(record: usize): u32 {
  return call1(header().warmup, <u32>record);
}

/** The VMM takes the machine and starts the kernel in ring 1. Does not return. */
export function bootUnderVmm(entry: usize, stackTop: usize): void {
  call2(header().bootFirst, <u32>entry, <u32>stackTop);
}
