import { errno } from "@mercury/abi";
import { al, eax, ecx, edi, edx, esi, mem, mem8, symbol, type Assembler } from "@mercury/toolchain";
import { segmentFixUps } from "./context-switch.ts";

/**
 * Accesses to user memory (metal/kernel/mm/user-copy.ts). Each instruction that may fault has an entry and a row in fixUpTable: pairs of
 * the faulting address and the address at which the kernel goes on, ended by zero.
 */
export function userCopy(a: Assembler): void {
  copy(a);
  fill(a);
  storeWord(a);
  copyString(a);
  a.data("fixUpTable", { alignment: 4 });
  for (const [at, handler] of [...userFixUps, ...segmentFixUps]) a.data32(symbol(at), symbol(handler));
  a.data32(0, 0);
}

const userFixUps: readonly (readonly [string, string])[] = [
  ["userCopyWords", "userCopyFailed"],
  ["userCopyBytes", "userCopyFailed"],
  ["userFillWords", "userFillFailed"],
  ["userFillBytes", "userFillFailed"],
  ["userStoreAt", "userStoreFailed"],
  ["userStringAt", "userStringFailed"],
];

/** userCopy(to, from, bytes): 0 or -EFAULT. */
function copy(a: Assembler): void {
  a.procedure("userCopy");
  a.push(esi);
  a.push(edi);
  a.mov(edi, eax);
  a.mov(esi, edx);
  a.mov(edx, ecx);
  a.shr(ecx, 2);
  a.entry("userCopyWords");
  a.rep().movsd();
  a.mov(ecx, edx);
  a.and(ecx, 3);
  a.entry("userCopyBytes");
  a.rep().movsb();
  a.xor(eax, eax);
  a.pop(edi);
  a.pop(esi);
  a.ret();
  a.entry("userCopyFailed");
  a.mov(eax, -errno.EFAULT);
  a.pop(edi);
  a.pop(esi);
  a.ret();
}

/** userFill(to, value, bytes): the low byte of `value` must be all its bytes; 0 or -EFAULT. */
function fill(a: Assembler): void {
  a.procedure("userFill");
  a.push(edi);
  a.mov(edi, eax);
  a.mov(eax, edx);
  a.mov(edx, ecx);
  a.shr(ecx, 2);
  a.entry("userFillWords");
  a.rep().stosd();
  a.mov(ecx, edx);
  a.and(ecx, 3);
  a.entry("userFillBytes");
  a.rep().stosb();
  a.xor(eax, eax);
  a.pop(edi);
  a.ret();
  a.entry("userFillFailed");
  a.mov(eax, -errno.EFAULT);
  a.pop(edi);
  a.ret();
}

/** userStore(to, value): 0 or -EFAULT. */
function storeWord(a: Assembler): void {
  a.procedure("userStore");
  a.entry("userStoreAt");
  a.mov(mem(eax), edx);
  a.xor(eax, eax);
  a.ret();
  a.entry("userStoreFailed");
  a.mov(eax, -errno.EFAULT);
  a.ret();
}

/** userCopyString(to, from, limit): bytes before the zero, `limit` when there is none among so many, or -EFAULT. */
function copyString(a: Assembler): void {
  a.procedure("userCopyString");
  const again = a.label();
  const end = a.label();
  a.push(esi);
  a.push(edi);
  a.mov(edi, eax);
  a.mov(esi, edx);
  a.xor(edx, edx);
  a.bind(again);
  a.cmp(edx, ecx);
  a.je(end);
  a.entry("userStringAt");
  a.mov(al, mem8(esi, edx));
  a.mov(mem8(edi, edx), al);
  a.test(al, al);
  a.je(end);
  a.inc(edx);
  a.jmp(again);
  a.bind(end);
  a.mov(eax, edx);
  a.pop(edi);
  a.pop(esi);
  a.ret();
  a.entry("userStringFailed");
  a.mov(eax, -errno.EFAULT);
  a.pop(edi);
  a.pop(esi);
  a.ret();
}
