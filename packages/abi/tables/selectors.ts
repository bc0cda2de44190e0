/**
 * Slots of the global descriptor table. Kernel and user slots are where Linux i386 has them (arch/x86/include/asm/segment.h), so that
 * programs which look at their selectors see what they know. Kernel and VMM use the same numbers: a selector means the same in both modes but for its ring.
 */
export const gdtSlots = {
  /** Three thread-local storage slots per thread: set_thread_area hands them out. */
  tls0: 6,
  tls1: 7,
  tls2: 8,
  kernelCode: 12,
  kernelData: 13,
  userCode: 14,
  userData: 15,
  taskState: 16,
  /** Task state of the double-fault task (SDM 3A 6.15, vector 8). */
  doubleFaultTaskState: 17,
  vmmCode: 20,
  vmmData: 21,
  vmmTaskState: 22,
  vmmDoubleFaultTaskState: 23,
  /** Slots of either table. */
  count: 24,
} as const;

/** Selectors with the ring in which native code uses them; in virtual mode the kernel's CS and SS carry RPL 1. */
export const selectors = {
  kernelCode: gdtSlots.kernelCode << 3,
  kernelData: gdtSlots.kernelData << 3,
  kernelCodeRing1: (gdtSlots.kernelCode << 3) | 1,
  kernelDataRing1: (gdtSlots.kernelData << 3) | 1,
  userCode: (gdtSlots.userCode << 3) | 3,
  userData: (gdtSlots.userData << 3) | 3,
  taskState: gdtSlots.taskState << 3,
  doubleFaultTaskState: gdtSlots.doubleFaultTaskState << 3,
  vmmCode: gdtSlots.vmmCode << 3,
  vmmData: gdtSlots.vmmData << 3,
  vmmTaskState: gdtSlots.vmmTaskState << 3,
  vmmDoubleFaultTaskState: gdtSlots.vmmDoubleFaultTaskState << 3,
} as const;
