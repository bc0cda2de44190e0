import type { CpuLayer } from "@mercury/x86";
import { MachineError } from "../errors.ts";

/** Everything a machine is started with. */
export interface RunRequest {
  /** A multiboot 1 kernel, or a Linux kernel where the runner takes one. */
  readonly image: Uint8Array;
  /** Multiboot modules or Linux's RAM disks, in order. */
  readonly modules: readonly Uint8Array[];
  /** The kernel's command line, without the name of the image. */
  readonly commandLine: string;
  /** RAM in MB. */
  readonly memory: number;
  /** The processor. Only our own machine takes one; every other brings its own and refuses. */
  readonly cpu?: CpuLayer;
  /** Bytes that the guest sends on a serial port, as they come; 0 is COM1. The array is the receiver's to keep. */
  readonly onSerial: (port: SerialPort, bytes: Uint8Array) => void;
}

/** COM1, COM2, COM3. */
export type SerialPort = 0 | 1 | 2;

/** How a machine ended. */
export type Exit =
  /** The guest switched the power off. */
  | { readonly kind: "power-off" }
  /** The guest asked for an exit code through isa-debug-exit. */
  | { readonly kind: "code"; readonly code: number }
  /** The guest asked for a reset; runners do not start it again. */
  | { readonly kind: "reset" }
  /** The CPU shut down after a fault inside the delivery of a double fault (SDM 3A 6.15, interrupt 8); `state` is for people. */
  | { readonly kind: "triple-fault"; readonly state: string }
  /** `stop` was called. */
  | { readonly kind: "stopped" };

/** A machine that was started. */
export interface Running {
  /** Sends bytes to the guest's first serial port. They wait until the guest takes them. */
  readonly send: (bytes: Uint8Array) => void;
  /** Ends the machine; `done` resolves soon after. */
  readonly stop: () => void;
  readonly done: Promise<Exit>;
}

/** One kind of machine that runs a multiboot image: our own CPU, QEMU, Bochs. */
export interface Runner {
  readonly name: string;
  /** What is missing on this computer to use it, as a sentence; null when nothing is. */
  readonly missing: () => string | null;
  /** Starts a machine. Rejects with a MachineError when it cannot be started. */
  readonly start: (request: RunRequest) => Promise<Running>;
}

/** Refuses a processor for a machine that has its own. Throws a MachineError of kind `fit`. */
export function refuseCpu({ cpu }: RunRequest, machine: string): void {
  if (cpu !== undefined) throw new MachineError("fit", `${machine} has a processor of its own and cannot run on "${cpu.name}"; x86() can.`);
}
