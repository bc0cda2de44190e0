import { LINE_CASCADE } from "@mercury/abi/metal";
import { active, sharedPage } from "./domain";
import { in8, out8 } from "./machine";

// The two 8259A of a PC/AT (8259A data sheet): command port, data port behind it; OCW2 ends one level; OCW3 asks for what is in service.
const FIRST: u32 = 0x20;
const SECOND: u32 = 0xa0;
const SPECIFIC_END: u32 = 0x60;
const READ_IN_SERVICE: u32 = 0x0b;

/** Lines masked by the kernel, masked by the VMM until they are acknowledged, and taken but not delivered. */
let masks: u32 = 0;
let held: u32 = 0;
let pending: u32 = 0;

export function pendingLines(): u32 {
  return pending;
}

function setPending(lines: u32): void {
  pending = lines;
  sharedPage().pendingEvents = lines;
}

function apply(): void {
  out8(FIRST + 1, (masks | held) & 0xff);
  out8(SECOND + 1, (masks | held) >> 8);
}

/** Masks and ends the interrupt at once, so that it blocks no other. */
export function takeLine(line: u32): void {
  held |= 1 << line;
  apply();
  if (line >= 8) out8(SECOND, SPECIFIC_END | (line - 8));
  out8(FIRST, SPECIFIC_END | (line >= 8 ? LINE_CASCADE : line));
  setPending(pending | (1 << line));
}

export function deliverLine(line: u32): void {
  setPending(pending & ~(1 << line));
}

export function acknowledgeLine(line: u32): void {
  held &= ~(1 << line) | pending;
  apply();
}

export function maskLine(line: u32, masked: bool): void {
  masks = masked ? masks | (1 << line) : masks & ~(1 << line);
  apply();
}

/** What the last detach left and the kernel has not raised yet is pending again. */
export function adoptInterrupts(): void {
  masks = sharedPage().lineMasks;
  held = 0;
  setPending(sharedPage().pendingEvents);
}

export function releaseInterrupts(): void {
  held = 0;
  apply();
}

export function linesInService(): u32 {
  if (active) return held & ~pending;
  out8(FIRST, READ_IN_SERVICE);
  out8(SECOND, READ_IN_SERVICE);
  return in8(FIRST) | (in8(SECOND) << 8);
}
