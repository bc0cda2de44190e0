/** Flags that a guest may set by a return: all but IOPL, NT, VM, VIF, VIP and the reserved ones (SDM 1 3.4.3). */
const FREE_FLAGS: u32 = 0x250dd5;
/** Always set: bit 1; and IF, as real interrupts are the VMM's. */
const FIXED_FLAGS: u32 = 0x202;

/** EFLAGS with which the guest goes on where a frame of its own says. */
export function guestReturnFlags(flags: u32): u32 {
  return (flags & FREE_FLAGS) | FIXED_FLAGS;
}
