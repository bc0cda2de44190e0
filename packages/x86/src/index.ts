/** A PC in TypeScript: IA-32 CPU, MMU, bus, chips and board. */
export {
  createMachine,
  type LinuxBoot,
  type Machine,
  type MachineCounters,
  type MachineOptions,
  type MachineStop,
  type Multiboot,
} from "./machine.ts";
export type { EntryRegisters, ProtectedModeEntry } from "./boot/entry.ts";
export { kernelFormat, type KernelFormat } from "./boot/format.ts";
export type { DiskBus, DiskOptions } from "./board/disks.ts";
export type { BootModule } from "./boot/multiboot.ts";
export { type BoardState, type LineName, lines } from "./board/pc.ts";
export type { AccessSize } from "./bus/device.ts";
export type { AttachedDisk, WriteListener } from "./disk/attached.ts";
export { type Disk, type OwnBlocks, sectorSize, type Storage } from "./disk/disk.ts";
export { memoryDisk, MemoryStorage, rawDisk } from "./disk/memory.ts";
export { overlayDisk } from "./disk/overlay.ts";
export { feature, type FeatureName } from "./cpu/system/feature.ts";
export type { Watchpoint } from "./cpu/breakpoints.ts";
export { MachineError, type MachineErrorKind } from "./errors.ts";
export { interpreter } from "./interpreter/layer.ts";
export type { Cpu, CpuBus, CpuDebug, CpuLayer, CpuOptions, CpuRegisters, FloatingRegisters, Stop } from "./layer.ts";
export type { DiskDescription } from "./snapshot/disks.ts";
export { describeSnapshot, type MachineState, type SnapshotDescription } from "./snapshot/snapshot.ts";
export { Debugger, type DebugStop } from "./debug/debugger.ts";
export { Timeline, type TimelineOptions } from "./debug/timeline.ts";
export { GdbSession } from "./gdb/session.ts";
export type { SerialConsole } from "./host/console.ts";
export { drive, type Drive, type DriveOptions, type MachineEnd } from "./host/drive.ts";
export type { EventName, MachineEvents, Moment } from "./host/events.ts";
export { trace, type Trace } from "./host/trace.ts";
