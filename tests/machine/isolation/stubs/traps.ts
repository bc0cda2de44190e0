import { hypercalls, selectors, vectors } from "@mercury/abi";
import { type Assembler, ds, eax, ebx, ecx, es, esp, edx, mem, symbol } from "@mercury/toolchain";

/** Exceptions for which there is an error code on the stack (SDM 3A 6.15). */
const withErrorCode: ReadonlySet<number> = new Set([8, 10, 11, 12, 13, 14, 17]);
const exceptions = 20;
const lines = 16;
const handled: readonly number[] = [
  ...Array.from({ length: exceptions }, (_, vector) => vector),
  ...Array.from({ length: lines }, (_, line) => vectors.irqBase + line),
  vectors.systemCall,
];
/** Which of them a program may raise by INT. */
const fromPrograms: ReadonlySet<number> = new Set([vectors.breakpoint, vectors.overflow, vectors.systemCall]);
const stackSize = 0x1000;
/** IF, and bit 1, which is always set (SDM 1 3.4.3). */
const userFlags = 0x202;

/** The hostile kernel's traps, and its ways to ring 3 and back. */
export function kernelTraps(a: Assembler): void {
  for (const vector of handled) entry(a, vector);
  common(a);
  resumes(a);
  userAndBack(a);
  consoleAndSlots(a);
  a.data("trapTable", { alignment: 8 });
  for (const vector of handled) {
    a.data8(vector, fromPrograms.has(vector) ? 3 : 0, vector === vectors.systemCall ? 1 : 0, 0);
    a.data32(symbol(`trapEntry${vector}`));
  }
  a.entry("trapTableEnd");
  a.data32(0);
  a.data("trapStack", { section: ".bss", alignment: 16 });
  a.zero(stackSize);
  a.entry("trapStackTop");
  a.data("kernelStack", { section: ".bss" });
  a.zero(4);
}

function entry(a: Assembler, vector: number): void {
  a.procedure(`trapEntry${vector}`);
  if (!withErrorCode.has(vector)) a.push(0);
  a.push(vector);
  a.jmp(symbol("trapCommon"));
}

/** The frame is metal/traps.ts's TrapFrame. */
function common(a: Assembler): void {
  a.procedure("trapCommon");
  a.pusha();
  a.cld();
  a.mov(ecx, selectors.userData);
  a.mov(ds, ecx);
  a.mov(es, ecx);
  a.mov(eax, esp);
  a.call(symbol("handleTrap"));
  a.popa();
  a.add(esp, 8);
  a.iretd();
}

/** Where a probe goes on after its trap, in either ring: resumeKernel(eip, esp), resumeUser(eip, esp). */
function resumes(a: Assembler): void {
  a.procedure("resumeKernel");
  a.mov(esp, edx);
  a.jmp(eax);
  a.procedure("resumeUser");
  a.push(selectors.userData);
  a.push(edx);
  a.push(userFlags);
  a.push(selectors.userCode);
  a.push(eax);
  a.iretd();
}

/** enterUser(eip, esp) returns when leaveUser() is called. */
function userAndBack(a: Assembler): void {
  a.procedure("enterUser");
  a.pusha();
  a.mov(mem(symbol("kernelStack")), esp);
  a.jmp(symbol("resumeUser"));
  a.procedure("leaveUser");
  a.mov(esp, mem(symbol("kernelStack")));
  a.popa();
  a.ret();
}

/** say(text, length) and setSlot(low, high), by hypercall. */
function consoleAndSlots(a: Assembler): void {
  const probedSlot = 1;
  a.procedure("say");
  a.push(ebx);
  a.mov(ebx, eax);
  a.mov(ecx, edx);
  a.mov(eax, hypercalls.writeConsole.number);
  a.int(vectors.hypercall);
  a.pop(ebx);
  a.ret();
  a.procedure("setSlot");
  a.push(ebx);
  a.mov(ecx, eax);
  a.mov(ebx, probedSlot);
  a.mov(eax, hypercalls.setTls.number);
  a.int(vectors.hypercall);
  a.pop(ebx);
  a.ret();
}
