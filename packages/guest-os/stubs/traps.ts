import { selectors, vectors } from "@mercury/abi";
import { ds, eax, ebp, ebx, ecx, edi, edx, es, esi, esp, symbol, type Assembler } from "@mercury/toolchain";

/** Exceptions for which the processor pushes an error code (SDM 3A 6.15). */
const withErrorCode: ReadonlySet<number> = new Set([8, 10, 11, 12, 13, 14, 17, 21, 29, 30]);
/** Exceptions that programs may raise by instruction: INT3 and INTO. */
const fromPrograms: ReadonlySet<number> = new Set([vectors.breakpoint, vectors.overflow]);
const exceptionCount = 32;
const lineCount = 16;

const trapVectors: readonly number[] = [
  ...Array.from({ length: exceptionCount }, (_, vector) => vector),
  ...Array.from({ length: lineCount }, (_, line) => vectors.irqBase + line),
];

/** Entry of every vector, the common path and the one way out. The frame is metal/kernel/trap/frame.ts. */
export function traps(a: Assembler): void {
  for (const vector of trapVectors) trapEntry(a, vector);
  systemCallEntry(a);
  commonEntry(a);
  commonExit(a);
  leaveThrough(a);
  trapTable(a);
}

function trapEntry(a: Assembler, vector: number): void {
  a.procedure(`trapEntry${vector}`);
  if (!withErrorCode.has(vector)) a.push(0);
  a.push(vector);
  a.jmp(symbol("trapCommon"));
}

function pushRegisters(a: Assembler): void {
  a.push(eax);
  a.push(ebp);
  a.push(edi);
  a.push(esi);
  a.push(edx);
  a.push(ecx);
  a.push(ebx);
}

/** Programs may have left anything in DS, ES and DF; kernel code, compiled or not, expects them flat and clear (System V i386 ABI). */
function kernelState(a: Assembler): void {
  a.cld();
  a.mov(ecx, selectors.userData);
  a.mov(ds, ecx);
  a.mov(es, ecx);
}

function commonEntry(a: Assembler): void {
  a.procedure("trapCommon");
  pushRegisters(a);
  kernelState(a);
  a.mov(eax, esp);
  a.call(symbol("trapDispatch"));
  a.jmp(symbol("trapReturn"));
}

function systemCallEntry(a: Assembler): void {
  a.procedure("systemCallEntry");
  a.push(eax);
  a.push(vectors.systemCall);
  pushRegisters(a);
  kernelState(a);
  a.mov(eax, esp);
  a.call(symbol("systemCall"));
  a.jmp(symbol("trapReturn"));
}

/** One site for all returns, so that a fault of IRETD itself is known by its address. */
function commonExit(a: Assembler): void {
  a.procedure("trapReturn");
  a.pop(ebx);
  a.pop(ecx);
  a.pop(edx);
  a.pop(esi);
  a.pop(edi);
  a.pop(ebp);
  a.pop(eax);
  a.add(esp, 8);
  a.entry("trapReturnSite");
  a.site("returnFromTrap");
}

/** leaveThrough(frame): the common exit, from a frame that ESP does not point to. */
function leaveThrough(a: Assembler): void {
  a.procedure("leaveThrough");
  a.mov(esp, eax);
  a.jmp(symbol("trapReturn"));
}

/** Rows of trapEntry (abi/tables/structures.ts). Only system calls keep interrupts as they are. */
function trapTable(a: Assembler): void {
  a.data("trapTable", { alignment: 8 });
  for (const vector of trapVectors) {
    a.data8(vector, fromPrograms.has(vector) ? 3 : 0, 0, 0);
    a.data32(symbol(`trapEntry${vector}`));
  }
  a.data8(vectors.systemCall, 3, 1, 0);
  a.data32(symbol("systemCallEntry"));
  a.data("trapTableEnd", { alignment: 1 });
  a.data32(0);
}
