import type { DiskOptions } from "./board/disks.ts";
import type { LineName } from "./board/pc.ts";
import type { BootModule } from "./boot/multiboot.ts";
import type { Watchpoint } from "./cpu/breakpoints.ts";
import type { FeatureName } from "./cpu/system/feature.ts";
import type { AttachedDisk } from "./disk/attached.ts";
import type { SerialConsole } from "./host/console.ts";
import type { EventName, MachineEvents } from "./host/events.ts";
import type { CpuDebug, CpuLayer, CpuRegisters } from "./layer.ts";
import type { MachineState } from "./snapshot/snapshot.ts";

/** How a machine is made. */
export interface MachineOptions {
  /** Bytes of RAM: whole megabytes, 1 to 2,048 MB. */
  readonly memory: number;
  /** Time from retired instructions only: two runs are identical. Default: the host's clock. */
  readonly icount?: boolean;
  /** Milliseconds since 1970, UTC, at power-on. Default: now, or 2007-09-10 with icount. */
  readonly epoch?: number;
  /** A byte leaves a serial port; index 0 is COM1. Default: to the streams of `consoles`. */
  readonly transmit?: (port: 0 | 1 | 2, byte: number) => void;
  /** Disks, in the order in which the guest finds them. */
  readonly disks?: readonly DiskOptions[];
  /**
   * Features that CPUID does not show though they work, for kernels that keep no state of them: otherwise programs that ask the processor
   * would use what the kernel does not support.
   */
  readonly hide?: readonly FeatureName[];
  /** The processor. Default: the interpreter. */
  readonly cpu?: CpuLayer;
}

/** How a machine ends, or why it stands still. */
export type MachineStop =
  /** The given number of instructions has been retired. */
  | { readonly reason: "count" }
  /**
   * The processor waits and, on the host's clock, the next event is still to come. With `icount` time jumps to it; there the machine stands still
   * when nothing is to come, or when 100,000 events one after the other have not ended the wait: interrupts are off, say. It may be run on.
   */
  | { readonly reason: "idle"; /** Nanoseconds to the next event; Infinity when only input can wake the machine. */ readonly wait: number }
  /** A debugger's breakpoint: the instruction at EIP has not begun. */
  | { readonly reason: "breakpoint" }
  /** A debugger's watchpoint: the instruction before EIP has met it. */
  | { readonly reason: "watchpoint"; readonly watchpoint: Watchpoint }
  | { readonly reason: "power-off" }
  /** The guest asked for an exit code through the isa-debug-exit port. */
  | { readonly reason: "exit"; readonly code: number }
  | { readonly reason: "reset" }
  | { readonly reason: "triple-fault" };

/** A multiboot 1 kernel. */
export interface Multiboot {
  readonly image: Uint8Array;
  readonly commandLine?: string;
  readonly modules?: readonly BootModule[];
}

/** A Linux kernel. */
export interface LinuxBoot {
  /** A bzImage or an uncompressed vmlinux. */
  readonly kernel: Uint8Array;
  /** Initial RAM disks, unpacked by the kernel one over the other. */
  readonly initrd?: readonly Uint8Array[];
  readonly commandLine?: string;
}

/** What a machine has done so far. */
export interface MachineCounters {
  readonly instructions: number;
  readonly exceptions: readonly number[];
  readonly interrupts: number;
}

/** A PC. It stands still unless `run` is being called. */
export interface Machine {
  /**
   * Guest RAM, from physical address 0. Bytes of a program that has begun to run are changed by `debug.writeLinear`: the processor does not hear of what is
   * written here, and goes on with what it has decoded.
   */
  readonly ram: Uint8Array;
  /** The disks that it was made with, in order. */
  readonly disks: readonly AttachedDisk[];
  /**
   * Loads a kernel, and sets the processor to its entry and all chips to what firmware makes of them. Throws a MachineError that says what is wrong with
   * the files, or that they are none.
   */
  load(boot: Multiboot | LinuxBoot): void;
  /**
   * Runs until `count` more instructions are retired, or something ends or stops the machine; Infinity leaves it at the latter. MachineError
   * (`configuration`) for what is no number, and after 104 days of machine time.
   */
  run(count: number): MachineStop;
  /** Bytes arrive at a serial port; they wait until the guest reads. */
  receive(port: 0 | 1 | 2, bytes: Uint8Array): void;
  /**
   * The serial ports as streams, unless `transmit` takes what they send. What is sent before this is first read is lost. They end with the machine;
   * one that is loaded or restored after its end has new ones.
   */
  readonly consoles: readonly [SerialConsole, SerialConsole, SerialConsole];
  /** Tells a listener of every such event; the function that it gives ends that. */
  on<Name extends EventName>(name: Name, listener: (event: MachineEvents[Name]) => void): () => void;
  /** Sets an interrupt line, for tests and debuggers. */
  setLine(line: LineName | number, level: boolean): void;
  readonly registers: CpuRegisters;
  readonly counters: MachineCounters;
  /** Nanoseconds of machine time since power-on. */
  readonly now: number;
  /** What debuggers need of the processor; undefined when it is one that cannot be debugged. */
  readonly debug: CpuDebug | undefined;
  /** FNV-1a of all RAM: equal memories, equal hashes. */
  memoryHash(): number;
  /** Everything but RAM and the contents of disks, for those who keep these by themselves. MachineError (`configuration`) when the machine has ended. */
  saveState(): MachineState;
  /** The opposite, for state of this machine or one made alike; RAM and disks are put back by the caller before the machine runs. */
  restoreState(state: MachineState): void;
  /**
   * The whole machine as the bytes of a file. Of disks in memory and of overlays the contents are in it; every other disk is flushed and its contents are
   * summed up, so that `restore` knows it again. A machine that has ended cannot be saved: MachineError (`configuration`); nor can one whose disk
   * cannot be read or has more of its own than a file takes: MachineError (`snapshot`).
   */
  save(): Uint8Array<ArrayBuffer>;
  /**
   * Goes on from saved bytes, in this machine or one made with the same memory, `icount`, processor and disks in another process. Disks in memory
   * and overlays become what they were; every other disk must be what it was. What the guest does from there is, with `icount`, what it would have
   * done. MachineError (`snapshot`) says what does not fit; the machine is then as it was. MachineError (`image`) says that a disk could not be
   * written: it then holds a part of the snapshot's contents.
   */
  restore(snapshot: Uint8Array): void;
}
