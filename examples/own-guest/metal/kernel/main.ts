import { in8, initializeLines, loadTraps, out16, out8 } from "mercury:vo";
import { requestSwitch } from "mercury:switch";
import * as stubs from "./symbols";

/** Transmitter and line status of COM1 (PC16550D 8.4): bit 5 says that a byte may follow. */
const COM1: u32 = 0x3f8;
const LINE_STATUS: u32 = COM1 + 5;
const TRANSMIT_EMPTY: u32 = 0x20;
/** PM1a control of a PIIX4: SLP_EN and the type of S5 (ACPI 4.8.3.2.1). */
const POWER_CONTROL: u32 = 0x604;
const POWER_OFF: u32 = 0x2000;

const NATIVE: u32 = 0;
const VIRTUAL: u32 = 1;

/** The kernel, behind the boot path: ring 0, interrupts off. Nothing in it asks for the mode; it prints what the processor says. */
export function kernelMain(): void {
  initializeLines();
  loadTraps(<u32>stubs.trapTable(), stubs.trapCount());
  sayRing();
  if (requestSwitch(VIRTUAL) != 0) print(stubs.refusedText());
  sayRing();
  if (requestSwitch(NATIVE) != 0) print(stubs.refusedText());
  sayRing();
  powerOff();
}

/** The ring, and how many breakpoints the kernel's handler has seen: one more each time, in either ring. */
function sayRing(): void {
  stubs.raiseBreakpoint();
  print(stubs.ringText());
  printDigit(stubs.codeSelector() & 3);
  print(stubs.trapsText());
  printDigit(load<u32>(stubs.breakpoints()));
  printByte(0x0a);
}

/** Every other trap is a bug of this kernel. */
export function fatal(): void {
  print(stubs.fatalText());
  powerOff();
}

function powerOff(): void {
  out16(POWER_CONTROL, POWER_OFF);
  while (true) {}
}

function printByte(byte: u32): void {
  while ((in8(LINE_STATUS) & TRANSMIT_EMPTY) == 0) {}
  out8(COM1, byte);
}

function print(text: usize): void {
  for (let at = text; load<u8>(at) != 0; at++) printByte(load<u8>(at));
}

function printDigit(value: u32): void {
  printByte(0x30 + value);
}
