/** Interrupt vectors. 0 to 31 are the processor's (SDM 3A 6.3.1, table 6-1). */
export const vectors = {
  divideError: 0,
  debug: 1,
  nmi: 2,
  breakpoint: 3,
  overflow: 4,
  boundRange: 5,
  invalidOpcode: 6,
  deviceNotAvailable: 7,
  doubleFault: 8,
  invalidTss: 10,
  segmentNotPresent: 11,
  stackFault: 12,
  generalProtection: 13,
  pageFault: 14,
  x87Error: 16,
  alignmentCheck: 17,
  machineCheck: 18,
  simdError: 19,
  /** First of the sixteen lines of the interrupt controllers. */
  irqBase: 0x20,
  /** Linux i386 system call: a trap gate of DPL 3 in both modes. */
  systemCall: 0x80,
  /** Hypercall: a gate of DPL 1, present only while the VMM is active. */
  hypercall: 0x82,
  /** The mode switch's dedicated vector: native, a gate of DPL 0 into the switch; virtual, of DPL 1. */
  modeSwitch: 0x83,
} as const;

/** Lines of the two 8259A controllers that the kernel uses (IBM PC/AT assignment). */
export const interruptLines = { timer: 0, keyboard: 1, cascade: 2, com2: 3, com1: 4, rtc: 8 } as const;
