/** The kernel's image: what the stubs call by name. Everything else is reached from here. */
export { bootKernel } from "./kernel/boot/main";
export { kernelMain } from "./kernel/main";
export { startInit } from "./kernel/proc/init";
export { leaveToUser, systemCall, trapDispatch } from "./kernel/trap/dispatch";
