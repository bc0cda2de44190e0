/** The kernel's image: what the stubs call by name, and what the image check knows by name (src/layer.ts). Everything else is reached from here. */
export { bootKernel } from "./kernel/boot/main";
export { enterMasterDirectory } from "./kernel/boot/paging";
export { enableFpu } from "./kernel/fpu/unit";
export { shuffleMemory } from "./kernel/boot/shuffle";
export { kernelMain } from "./kernel/main";
export { startInit } from "./kernel/proc/init";
export { leaveToUser, systemCall, trapDispatch } from "./kernel/trap/dispatch";
