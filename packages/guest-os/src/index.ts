/** The guest system: its layer descriptor, and what builds its RAM disk. */
export { type CpioEntry, writeCpio } from "./cpio.ts";
export { unix } from "./layer.ts";
export { programNames } from "./programs.ts";
export { buildRamdisk, type RamdiskProgram } from "./ramdisk.ts";
