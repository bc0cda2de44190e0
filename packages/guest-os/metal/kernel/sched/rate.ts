/** Ticks per second; USER_HZ of times(2) is the same on i386. A file of its own, as constants of other files are made of it. */
export const TICKS_PER_SECOND: u32 = 100;
