import { LINE_CASCADE } from "@mercury/abi/metal";
import { active, sharedPage } from "../domains/first";
import { refuse } from "../tables/refusal";
import { endInterrupt, initializeControllers, readInService, writeMasks } from "./controller";

/** Lines of both controllers. */
export const LINES: u32 = 16;
const ALL: u32 = 0xffff;

/** Lines that the kernel has masked. */
let kernelMasks: u32 = ALL;
/** Lines that the VMM keeps masked from the moment that it took their interrupt until the kernel acknowledges. */
let held: u32 = 0;
/** Lines whose interrupt has not been delivered. The shared page shows it; what the kernel writes there does not count. */
let pending: u32 = 0;

export function pendingLines(): u32 {
  return pending;
}

function setPending(lines: u32): void {
  pending = lines;
  sharedPage().pendingEvents = lines;
}

function apply(line: u32): void {
  writeMasks(line, kernelMasks | held);
}

/** Takes an interrupt from the controller: masked until acknowledged, and ended at once, so that it never blocks another. */
export function takeLine(line: u32): void {
  held |= 1 << line;
  apply(line);
  endInterrupt(line);
  setPending(pending | (1 << line));
}

/** The line is being delivered. */
export function deliverLine(line: u32): void {
  setPending(pending & ~(1 << line));
}

/** The kernel's handler has run. A line that is pending again stays masked. */
export function acknowledgeLine(line: u32): void {
  held &= ~(1 << line) | pending;
  apply(line);
}

export function maskLine(line: u32): void {
  kernelMasks |= 1 << line;
  apply(line);
}

export function unmaskLine(line: u32): void {
  kernelMasks &= ~(1 << line);
  apply(line);
}

/**
 * Attach: the masks are what the kernel's shadow says, nothing is held; the controllers need no word. Lines that the last detach left and
 * the kernel has not replayed yet are pending again.
 */
export function adoptInterrupts(): void {
  kernelMasks = sharedPage().lineMasks & ALL;
  held = 0;
  setPending(sharedPage().pendingEvents & ALL);
}

/** Always-on: nothing but the cascade is open. */
export function startLines(): void {
  initializeControllers();
  kernelMasks = ALL & ~(1 << LINE_CASCADE);
  held = 0;
  setPending(0);
  apply(0);
  apply(8);
}

/** Detach: the controllers as the kernel's masks say; the pending bits stay in the shared page, for the kernel to replay. */
export function releaseInterrupts(): void {
  held = 0;
  apply(0);
  apply(8);
}

/** Lines taken and not acknowledged: natively as the controllers say, virtually those delivered to the kernel. */
export function linesInService(): u32 {
  const lines = active ? held & ~pending : readInService();
  refuse(0, lines);
  return lines;
}
