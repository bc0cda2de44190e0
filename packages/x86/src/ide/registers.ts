/** Offsets of the command block (ATA/ATAPI-6, 7), and of the control block's one register behind them. */
export const register = {
  data: 0,
  /** Error when read. */
  feature: 1,
  count: 2,
  low: 3,
  middle: 4,
  high: 5,
  device: 6,
  /** Command when written. */
  status: 7,
  /** Alternate status when read, device control when written. */
  control: 8,
} as const;

/** Bits of the status register (7.15). */
export const status = { error: 0x01, dataRequest: 0x08, seekComplete: 0x10, ready: 0x40, busy: 0x80 } as const;
/** Bits of the error register (7.9): aborted, no such sector, uncorrectable data. */
export const error = { aborted: 0x04, notFound: 0x10, uncorrectable: 0x40 } as const;
/** Bits of the device register (7.7). */
export const device = { select: 0x10, lba: 0x40 } as const;
/** Bits of the device control register (7.8): nIEN, SRST, HOB. */
export const control = { noInterrupt: 0x02, softReset: 0x04, highOrder: 0x80 } as const;
