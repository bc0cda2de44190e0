import { cstr } from "@mercury/toolchain/metal";
import { initializePrint } from "../dev/print";
import { prepareFpuStates } from "../fpu/state";
import { enableFpu } from "../fpu/unit";
import { panic } from "../trap/panic";
import { kernelMain } from "../main";
import { prepareAllocators } from "./allocators";
import { blobAt, hasVmm, listBlobs, placeBlobs } from "./blobs";
import { fillIdentity } from "./chunks";
import { keepCommandLine, numberAt, optionIs, optionValue } from "./command-line";
import { loaderCommandLine, useMultiboot } from "./multiboot";
import { enterMasterDirectory } from "./paging";
import { MemoryPlan, memoryPlan, planMemory } from "./plan";
import { fillRecord, fillSharedPage } from "./record";
import { shuffleMemory } from "./shuffle";
import { bootStackTop, kernelMainAddress, kernelRecordAddress } from "./symbols";
import { bootUnderVmm, copyVmm, vmmFits, warmUpVmm } from "./vmm";

/** From the boot stub to kernelMain. Ring 0, interrupts off; the console is not there yet. */

const TOO_LITTLE: usize = cstr`too little memory: 16 MB are needed`;
/** EAX of a multiboot loader (Multiboot 0.6.96, section 3.2). */
const LOADER_MAGIC: u32 = 0x2bad_b002;

/** The stub calls here with the loader's EAX and EBX, on the boot stack, the provisional directory loaded. */
export function bootKernel(magic: u32, info: u32): void {
  if (magic != LOADER_MAGIC) stop(cstr`not started by a multiboot loader`);
  useMultiboot(info);
  keepCommandLine(loaderCommandLine());
  listBlobs();
  if (!planMemory(hasVmm())) stop(TOO_LITTLE);
  const plan = memoryPlan();
  fillIdentity(plan);
  if (optionValue(cstr`shuffle`) != 0) shuffle(plan, optionValue(cstr`shuffle`));
  if (!placeBlobs()) stop(TOO_LITTLE);
  if (plan.reserve != 0) copyVmm(plan, blobAt(0));
  if (!prepareAllocators(plan)) stop(TOO_LITTLE);
  enterMasterDirectory(plan);
  enableFpu();
  prepareFpuStates();
  const alwaysOn = plan.reserve != 0 && optionIs(cstr`mode`, cstr`always-on`);
  fillSharedPage(alwaysOn);
  fillRecord(plan);
  if (plan.reserve != 0) startVmm(alwaysOn);
  kernelMain();
}

function shuffle(plan: MemoryPlan, seed: usize): void {
  if (load<u8>(seed) - 0x30 > 9) stop(cstr`shuffle= takes a number`);
  if (!shuffleMemory(plan, numberAt(seed))) stop(cstr`too little memory to shuffle: what was loaded finds no other place`);
}

function startVmm(alwaysOn: bool): void {
  if (!vmmFits()) stop(cstr`the VMM in the image is none of this interface`);
  if (warmUpVmm(kernelRecordAddress()) != 0) stop(cstr`the VMM refused to warm up`);
  if (alwaysOn) bootUnderVmm(kernelMainAddress(), bootStackTop());
}

/** The console is not there yet: prepared for the last words. */
function stop(reason: usize): void {
  initializePrint();
  panic(reason);
}
