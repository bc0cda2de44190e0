import type { ProtectedModeEntry } from "./boot/entry.ts";
import type { AccessSize } from "./bus/device.ts";
import type { FeatureName } from "./cpu/system/feature.ts";
import type { Watchpoint } from "./cpu/breakpoints.ts";

/** Why `run` came back. */
export type Stop =
  /** The given number of instructions has been retired. */
  | "count"
  /** HLT with nothing to wake the processor yet. */
  | "halted"
  /** A fault while delivering a double fault: the processor has shut down (SDM 3A 6.15, interrupt 8). */
  | "triple-fault"
  /** The instruction at EIP is at a breakpoint of the debugger, and has not begun. */
  | "breakpoint"
  /** The last instruction has met a watchpoint of the debugger. */
  | "watchpoint"
  /** `leave` was called. */
  | "left";

/** What the processor sees of the rest of the machine. None of these is called between two instructions but by the processor itself. */
export interface CpuBus {
  /** An input instruction. */
  readPort(port: number, size: AccessSize): number;
  /** An output instruction. */
  writePort(port: number, size: AccessSize, value: number): void;
  /** Physical addresses outside RAM. */
  readMemory(address: number, size: AccessSize): number;
  /** The same for stores. */
  writeMemory(address: number, size: AccessSize, value: number): void;
  /** The interrupt acknowledge cycle: the vector of the request that INTR stands for (SDM 3A 6.3.2). */
  acknowledge(): number;
  /** Time stamp counter, ticks since power-on. */
  timeStamp(): bigint;
  /** An interrupt or exception is about to be delivered, for those who watch. */
  observe?(kind: "interrupt" | "exception", vector: number, errorCode: number | undefined): void;
  /** Where the local APIC answers, undefined: nowhere. A bus without it has none, and CPUID says so. */
  moveLocalApic?(base: number | undefined): void;
  /**
   * FERR#: with CR0.NE = 0, an x87 instruction has met a pending exception (true), or there is none any more (false). Gives IGNNE#:
   * true lets the instruction pass, otherwise the processor stops before it until an interrupt comes (SDM 1 D.2.1). Nothing is connected when absent.
   */
  floatError?(pending: boolean): boolean;
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

/** x87 and SSE registers (SDM 1 8.1 and 10.2), for people and debuggers. */
export interface FloatingRegisters {
  /** ST(0) to ST(7), 10 bytes each. */
  readonly st: readonly Uint8Array[];
  readonly control: number;
  readonly status: number;
  /** The full tag word, two bits for each of R0 to R7. */
  readonly tags: number;
  readonly opcode: number;
  readonly instructionSelector: number;
  readonly instructionOffset: number;
  readonly dataSelector: number;
  readonly dataOffset: number;
  /** XMM0 to XMM7, 16 bytes each. */
  readonly xmm: readonly Uint8Array[];
  readonly mxcsr: number;
}

/** What debuggers see and change of a processor that stands still. Nothing here leaves a trace that the guest could see. */
export interface CpuDebug {
  /** Linear addresses; a run ends with `breakpoint` before the instruction at one of them begins. Replaces those set before. */
  setBreakpoints(addresses: Iterable<number>): void;
  /** Linear ranges; a run ends with `watchpoint` after an instruction that reads or writes there. Replaces those set before. */
  setWatchpoints(watchpoints: readonly Watchpoint[]): void;
  /** The watchpoint that ended the last run. */
  readonly watched: Watchpoint | undefined;
  /** Lets the instruction at EIP begin in spite of a breakpoint there. */
  pass(): void;
  /** Bytes of RAM as the page tables map them: as many as there are up to the first page that is not there. */
  readLinear(linear: number, length: number): Uint8Array;
  /** Writes all of it or, when a page is not there, nothing and returns false. Page rights do not count. */
  writeLinear(linear: number, bytes: Uint8Array): boolean;
  /** Sets a general register, `eip`, `eflags` (but VM) or `mxcsr`; false for one that cannot be set. */
  setRegister(name: string, value: number): boolean;
  readonly floating: FloatingRegisters;
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
  /** For debuggers; a processor without it cannot be debugged. */
  readonly debug?: CpuDebug;
  /** Everything but RAM, as bytes. */
  save(): Uint8Array;
  /** Goes on from saved bytes; a MachineError (`snapshot`) for what cannot be that, and then nothing has changed. */
  restore(state: Uint8Array): void;
}

/** What a processor is made with. */
export interface CpuOptions {
  /** Bytes of RAM, a multiple of 4,096, at most 2 GB. */
  readonly memory: number;
  readonly bus: CpuBus;
  /**
   * Features that CPUID does not show though they work, for kernels that keep no state of them: otherwise programs that ask the processor
   * would use what the kernel does not support.
   */
  readonly hide?: readonly FeatureName[];
}

/** The layer that a replacement processor or timing model implements. */
export interface CpuLayer {
  readonly kind: "cpu";
  readonly name: string;
  readonly version: string;
  /** Makes a processor in its power-on state, with RAM of zeros. */
  create(options: CpuOptions): Cpu;
}
