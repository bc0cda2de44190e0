import { sharedPage } from "../domains/first";

/** EFLAGS.IF (SDM 1 3.4.3); the virtual interrupt flag is this bit or nothing. */
export const INTERRUPT_FLAG: u32 = 0x200;

/** The virtual interrupt flag; the kernel writes the word, so only the bit counts. */
export function virtualFlag(): u32 {
  return sharedPage().virtualInterruptFlag & INTERRUPT_FLAG;
}

export function setVirtualFlag(value: u32): void {
  sharedPage().virtualInterruptFlag = value & INTERRUPT_FLAG;
}
