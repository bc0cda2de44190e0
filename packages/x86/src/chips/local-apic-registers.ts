import { flag, list, record, type Shape, time, whole, dword } from "../snapshot/shape.ts";

/** Offsets of the registers (SDM 3A table 10-1); each has 16 bytes to itself. */
export const register = {
  id: 0x20,
  version: 0x30,
  taskPriority: 0x80,
  processorPriority: 0xa0,
  endOfInterrupt: 0xb0,
  logicalDestination: 0xd0,
  destinationFormat: 0xe0,
  spurious: 0xf0,
  inService: 0x100,
  triggerMode: 0x180,
  request: 0x200,
  errorStatus: 0x280,
  commandLow: 0x300,
  commandHigh: 0x310,
  /** Timer, thermal, performance, LINT0, LINT1, error: 16 bytes apart. */
  localVectors: 0x320,
  initialCount: 0x380,
  currentCount: 0x390,
  divide: 0x3e0,
} as const;

/** Entries of the local vector table, in the order of their registers. */
export const local = { timer: 0, thermal: 1, performance: 2, lint0: 3, lint1: 4, error: 5 } as const;
export const LOCAL_COUNT = 6;

/** Version 14h with LVT entries 0 to 5, as a Pentium M tells it (SDM 3A 10.4.8). */
export const VERSION = 0x0005_0014;

/** Bits of LVT entries (SDM 3A figure 10-8). */
export const lvt = { masked: 0x1_0000, periodic: 0x2_0000, levelTriggered: 0x8000, activeLow: 0x2000, remoteIrr: 0x4000 } as const;
/** What software can change: of the timer also its mode, of LINT0 and LINT1 polarity and trigger mode as well. */
export const writable: readonly number[] = [0x3_00ff, 0x1_07ff, 0x1_07ff, 0x1_a7ff, 0x1_a7ff, 0x1_00ff];

/** Delivery modes (SDM 3A 10.5.1, 10.6.1). */
export const delivery = { fixed: 0, lowest: 1, smi: 2, nmi: 4, init: 5, startup: 6, external: 7 } as const;
export const deliveryOf = (word: number): number => (word >>> 8) & 7;

/** Bits of the error status register (SDM 3A figure 10-9). */
export const apicError = { sendIllegal: 0x20, receiveIllegal: 0x40, illegalRegister: 0x80 } as const;

/** State of a local APIC. Bit vectors have eight words of 32 bits. */
export interface LocalApicState {
  /** IA32_APIC_BASE enables it. */
  present: boolean;
  id: number;
  taskPriority: number;
  logicalDestination: number;
  destinationFormat: number;
  spurious: number;
  inService: number[];
  triggerMode: number[];
  request: number[];
  /** Errors since the last write of the register, and what that write left to read. */
  errors: number;
  errorStatus: number;
  commandLow: number;
  commandHigh: number;
  localVectors: number[];
  initialCount: number;
  divide: number;
  /** When the timer began to count down from `initialCount`, nanoseconds; it has stopped when `counting` is false. */
  start: number;
  counting: boolean;
  /** Levels of the pins. */
  lint0: boolean;
  lint1: boolean;
  /** The I/O APIC passes the request of the 8259A on. */
  external: boolean;
}

const words: Shape<number[]> = list(dword, { exactly: 8 });

export const localApicShape: Shape<LocalApicState> = record({
  present: flag,
  id: whole(0, 0xff),
  taskPriority: whole(0, 0xff),
  logicalDestination: whole(0, 0xff),
  destinationFormat: whole(0, 0xf),
  spurious: whole(0, 0x3ff),
  inService: words,
  triggerMode: words,
  request: words,
  errors: whole(0, 0xff),
  errorStatus: whole(0, 0xff),
  commandLow: dword,
  commandHigh: dword,
  localVectors: list(whole(0, 0x3_ffff), { exactly: LOCAL_COUNT }),
  initialCount: dword,
  divide: whole(0, 0xf),
  start: time,
  counting: flag,
  lint0: flag,
  lint1: flag,
  external: flag,
});

const noBits = (): number[] => [0, 0, 0, 0, 0, 0, 0, 0];

/** After power-up, software has yet to enable it (SDM 3A 10.4.7.1). */
export const powerOn = (): LocalApicState => ({
  present: true,
  id: 0,
  taskPriority: 0,
  logicalDestination: 0,
  destinationFormat: 0xf,
  spurious: 0xff,
  inService: noBits(),
  triggerMode: noBits(),
  request: noBits(),
  errors: 0,
  errorStatus: 0,
  commandLow: 0,
  commandHigh: 0,
  localVectors: Array.from({ length: LOCAL_COUNT }, () => lvt.masked),
  initialCount: 0,
  divide: 0,
  start: 0,
  counting: false,
  lint0: false,
  lint1: false,
  external: false,
});

/** The highest vector of a bit vector, or -1. */
export function highest(bits: readonly number[]): number {
  for (let word = 7; word >= 0; word--) {
    const value = bits[word] ?? 0;
    if (value !== 0) return word * 32 + 31 - Math.clz32(value);
  }
  return -1;
}

export function setBit(bits: number[], vector: number, on: boolean): void {
  const mask = 1 << (vector & 31);
  const before = bits[vector >>> 5] ?? 0;
  bits[vector >>> 5] = (on ? before | mask : before & ~mask) >>> 0;
}

export const hasBit = (bits: readonly number[], vector: number): boolean => (((bits[vector >>> 5] ?? 0) >>> (vector & 31)) & 1) !== 0;
