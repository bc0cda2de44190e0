/** The assembly of one Mercury system: layers put together, linked into an image, and run on a machine. */
export { bootRequest } from "./boot-request.ts";
export { type DefaultStrategy, defaultLayers } from "./defaults.ts";
export { defineMachine, type Machine, memoryRange } from "./define.ts";
export { checkDefinition, type MachineDefinition, type Mode, modes } from "./definition.ts";
export { MachineError, type MachineErrorKind } from "./errors.ts";
export { checkCpio, type FileFault } from "./cpio.ts";
export { commandArchive } from "./command.ts";
export { kernelCommandLine } from "./command-line.ts";
export { assembleImage, buildImage, shippedImage } from "./image.ts";
export { BuildCache, defaultCacheFolder, type Product } from "./build/cache.ts";
export type { CacheLimits } from "./build/prune.ts";
export { imageReport } from "./image-report.ts";
export { isoToolsMissing, makeIso, type IsoContents } from "./iso.ts";
export { bochs } from "./run/bochs.ts";
export { type DiskImage, openDisks, type OpenDisks } from "./run/disks.ts";
export { qemu, type QemuRunner, type QemuRunning } from "./run/qemu.ts";
export type { Exit, Runner, Running, RunRequest, SerialPort } from "./run/runner.ts";
export { snapshotOf, type Statistics, x86, type X86Options, type X86Runner, type X86Running } from "./run/x86.ts";
