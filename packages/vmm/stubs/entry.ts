import { selectors, vectors } from "@mercury/abi";
import { ax, ds, eax, es, esp, symbol, type Assembler } from "@mercury/toolchain";
import { frameOffset } from "./frame.ts";

/** Exceptions for which the processor pushes an error code (SDM 3A 6.15). */
const withErrorCode: ReadonlySet<number> = new Set([8, 10, 11, 12, 13, 14, 17]);
/** Exceptions 0 to 19 of SDM 3A table 6-1. */
const exceptionCount = 20;
const lineCount = 16;

/**
 * One entry for each vector that the VMM takes: registers saved (abi: vmmFrame), VMM data segments, then the handler of its kind
 * with the frame's address in EAX. Interrupts are off throughout.
 */
export function entries(a: Assembler): void {
  const exceptions = Array.from({ length: exceptionCount }, (_, vector) => vector);
  const lines = Array.from({ length: lineCount }, (_, line) => vectors.irqBase + line);
  for (const vector of exceptions) entry(a, vector, "vmm_enterException");
  for (const vector of lines) entry(a, vector, "vmm_enterInterrupt");
  entry(a, vectors.hypercall, "vmm_enterHypercall");
  entry(a, vectors.modeSwitch, "vmm_enterSwitch");
  common(a, "vmm_enterException", "handleException", "vmm_exit");
  common(a, "vmm_enterInterrupt", "handleInterrupt", "vmm_exit");
  common(a, "vmm_enterHypercall", "handleHypercall", "vmm_exit");
  common(a, "vmm_enterSwitch", null, "vmm_switch");
  entryTable(a, [...exceptions, ...lines, vectors.hypercall, vectors.modeSwitch]);
}

const entryName = (vector: number): string => `vmm_entry${vector}`;

function entry(a: Assembler, vector: number, next: string): void {
  a.procedure(entryName(vector));
  if (!withErrorCode.has(vector)) a.push(0);
  a.push(vector);
  a.jmp(symbol(next));
}

function common(a: Assembler, name: string, handler: string | null, exit: string): void {
  a.procedure(name);
  a.pusha();
  a.push(ds);
  a.push(es);
  a.cld();
  a.mov(eax, selectors.vmmData);
  a.mov(ds, ax);
  a.mov(es, ax);
  if (handler !== null) {
    a.mov(eax, esp);
    a.call(symbol(handler));
  }
  a.jmp(symbol(exit));
}

/** Where interrupted or calling code goes on. The two loads and IRETD may fault on what the guest left: handleException knows them by name. */
export function exit(a: Assembler): void {
  a.procedure("vmm_exit");
  a.entry("vmm_exitEs");
  a.pop(es);
  a.entry("vmm_exitDs");
  a.pop(ds);
  a.popa();
  a.add(esp, frameOffset("eip") - frameOffset("vector"));
  a.entry("vmm_exitReturn");
  a.iretd();
}

/** Pairs {vector, entry} for the interrupt table, ended by a pair of zeros. */
function entryTable(a: Assembler, table: readonly number[]): void {
  a.data("vmm_entries", { section: ".data" });
  for (const vector of table) a.data32(vector, symbol(entryName(vector)));
  a.data32(0, 0);
}

/** `resume(frame)`: leaves through a frame that the VMM has made up; does not return. */
export function resume(a: Assembler): void {
  a.procedure("vmm_resume");
  a.mov(esp, eax);
  a.jmp(symbol("vmm_exit"));
}

/** The boot path's call: module-level initialisers first, then the warm-up with the record's address in EAX. */
export function warmup(a: Assembler): void {
  a.procedure("vmm_warmup");
  a.push(eax);
  a.call(symbol("image.start"));
  a.pop(eax);
  a.jmp(symbol("warmup"));
}

/** The task of a double fault: its own stack, nothing to go back to (SDM 3A 6.15, vector 8). */
export function doubleFault(a: Assembler): void {
  a.procedure("vmm_doubleFault");
  a.pop(eax);
  a.call(symbol("handleDoubleFault"));
  a.hlt();
}
