import type { AccessSize, Device } from "../bus/device.ts";

/** A base address register of a function, and who answers behind it. */
export interface BaseAddress {
  /** 0 to 5. */
  readonly index: number;
  readonly space: "ports" | "memory";
  /** Bytes or ports: a power of two, at least 4 ports or 16 bytes (PCI 3.0, 6.2.5.1). */
  readonly size: number;
  readonly device: Pick<Device, "read" | "write">;
  /** Widest access that the device understands. */
  readonly width: AccessSize;
}

/** A register of a function's own in its configuration space. */
export interface ConfigRegister {
  readonly offset: number;
  /** Bytes at power-on, and which of their bits software can change. */
  readonly initial: readonly number[];
  readonly writable: readonly number[];
}

/** A capability (PCI 3.0, 6.7): its bytes after the link to the next one. */
export interface Capability {
  readonly id: number;
  readonly body: readonly number[];
  readonly writable?: readonly number[];
}

/** Part of the configuration space that a device computes. */
export interface ConfigWindow {
  readonly offset: number;
  readonly length: number;
  readonly read: (offset: number, size: AccessSize) => number;
  readonly write: (offset: number, size: AccessSize, value: number) => void;
}

/** What a function is: the constant part of its configuration space. */
export interface FunctionDescription {
  /** What a person calls it: `ide`, `virtio-blk0`. */
  readonly name: string;
  readonly vendor: number;
  readonly device: number;
  /** Base class, subclass and programming interface as one number of 24 bits. */
  readonly classCode: number;
  readonly revision?: number;
  readonly subsystem?: { readonly vendor: number; readonly device: number };
  /** Other functions share its slot. */
  readonly multifunction?: true;
  /** INTA to INTD as 1 to 4; none when not given. */
  readonly pin?: 1 | 2 | 3 | 4;
  readonly bars?: readonly BaseAddress[];
  readonly capabilities?: readonly Capability[];
  readonly registers?: readonly ConfigRegister[];
}
