/** What the stubs call by name. */
export { bootKernel } from "./kernel/boot/start";
export { fatal, kernelMain } from "./kernel/main";
