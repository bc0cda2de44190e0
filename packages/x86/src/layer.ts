import type { ProtectedModeEntry } from "./boot/entry.ts";
import type { AccessSize } from "./bus/device.ts";

/** Why `run` came back. */
export type Stop =
  /** The given number of instructions has been retired. */
  | "count"
  /** HLT with nothing to wake the processor yet. */
  | "halted"
  /** A fault while delivering a double fault: the processor has shut down (SDM 3A 6.15, interrupt 8). */
  | "triple-fault"
  /** `leave` was called. */
  | "left";

/** What the processor sees of the rest of the machine. None of these is called between two instructions but by the processor itself. */
export interface CpuBus {
  readPort(port: number, size: AccessSize): number;
  writePort(port: number, size: AccessSize, value: number): void;
  /** Physical addresses outside RAM. */
  readMemory(address: number, size: AccessSize): number;
  writeMemory(address: number, size: AccessSize, value: number): void;
  /** The interrupt acknowledge cycle: the vector of the request that INTR stands for (SDM 3A 6.3.2). */
  acknowledge(): number;
  /** Time stamp counter, ticks since power-on. */
  timeStamp(): bigint;
  /** Where the local APIC answers, undefined: nowhere. A bus without it has none, and CPUID says so. */
  moveLocalApic?(base: number | undefined): void;
}

/** General registers, selectors and control registers, for people and debuggers. */
export interface CpuRegisters {
  readonly eax: number;
  readonly ecx: number;
  readonly edx: number;
  readonly ebx: number;
  readonly esp: number;
  readonly ebp: number;
  readonly esi: number;
  readonly edi: number;
  readonly eip: number;
  readonly eflags: number;
  readonly es: number;
  readonly cs: number;
  readonly ss: number;
  readonly ds: number;
  readonly fs: number;
  readonly gs: number;
  readonly ldtr: number;
  readonly tr: number;
  readonly cr0: number;
  readonly cr2: number;
  readonly cr3: number;
  readonly cr4: number;
  readonly gdtBase: number;
  readonly gdtLimit: number;
  readonly idtBase: number;
  readonly idtLimit: number;
  readonly cpl: number;
}

/** A processor with its RAM. */
export interface Cpu {
  /** Guest RAM; the same bytes for the processor's life. */
  readonly ram: Uint8Array;
  /** Power-on state (SDM 3A 9.1.1). RAM keeps its contents. */
  reset(): void;
  /** Power-on state, but for what `state` says: how a boot loader hands over to a 32-bit kernel. */
  enterProtectedMode(state: ProtectedModeEntry): void;
  /** Retires instructions until `count` more have been retired or something else stops it. Interrupts are taken in between. */
  run(count: number): Stop;
  /** Makes a `run` under way return after the present instruction. */
  leave(): void;
  /** Instructions retired since power-on; each iteration of a repeated string instruction counts. */
  readonly retired: number;
  /** Level of INTR. */
  setInterrupt(level: boolean): void;
  /** An edge of NMI. */
  raiseNmi(): void;
  readonly registers: CpuRegisters;
  /** Exceptions delivered by vector, and hardware interrupts delivered. */
  readonly counts: { readonly exceptions: readonly number[]; readonly interrupts: number };
  /**
   * A device writes RAM from physical `address` on, and code decoded from there is forgotten. All of it must be RAM. Between runs, or from within
   * the bus's functions.
   */
  writePhysical(address: number, bytes: Uint8Array): void;
  /** Everything but RAM, as bytes. */
  save(): Uint8Array;
  restore(state: Uint8Array): void;
}

export interface CpuOptions {
  /** Bytes of RAM, a multiple of 4,096, at most 2 GB. */
  readonly memory: number;
  readonly bus: CpuBus;
}

/** The layer that a replacement processor or timing model implements. */
export interface CpuLayer {
  readonly kind: "cpu";
  readonly name: string;
  readonly version: string;
  create(options: CpuOptions): Cpu;
}
