/**
 * Decoded code in memory: a block is a header and then one record for each instruction. Register operands are
 * addresses of register slots, so that one handler serves all eight registers.
 */
export const RECORD_SIZE = 48;
export const record = {
  /** Table index of the handler. */
  handler: 0,
  /** Slots of register operands 0 and 1; of a direct branch the links to the blocks taken and not taken. */
  a: 4,
  b: 8,
  /** Slots of base and index; the zero slot when absent. */
  base: 12,
  index: 16,
  displacement: 20,
  /** Immediate, sign-extended; of a direct branch the target EIP. */
  immediate: 24,
  /** Address of the segment cache of the memory operand. */
  segment: 28,
  /** EIP of this instruction and of the next. */
  eip: 32,
  next: 36,
  /** 16 bits: instructions of the block from this one on, itself included. */
  remaining: 40,
  /** 8 bits: left shift of the index. */
  scale: 42,
  /** 0xffff or 0xffffffff: the address size. */
  mask: 44,
} as const;

/** A header takes the room of a record, so that records are numbered densely. */
export const HEADER_SIZE = 48;
export const header = {
  /** Instructions in the block. */
  count: 0,
  eip: 4,
  /** Offset in CS of the block's last byte. */
  last: 8,
} as const;

/** Links of a direct branch: unknown yet, or to be looked up each time; anything else is the address of a block. */
export const link = { unknown: 0, dispatch: 1 } as const;
