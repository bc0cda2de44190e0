/** Function-table indices by system-call number. Handlers take the trap frame and return the result or a negated errno. */

/** One past the highest number of the contract's table. */
const CAPACITY: u32 = 440;
const handlers: usize = memory.data(440 << 2, 4);

/** The handler of a number, or 0 when there is none. */
// @ts-ignore: decorator
@inline export function systemCallHandler(number: u32): u32 {
  return number < CAPACITY ? load<u32>(handlers + (number << 2)) : 0;
}

export function setSystemCall(number: u32, handler: u32): void {
  if (number < CAPACITY) store<u32>(handlers + (number << 2), handler);
}
