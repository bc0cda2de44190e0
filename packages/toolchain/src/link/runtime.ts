import { type Assembler, createAssembler } from "../assembler/block.ts";
import { mem, mem8, scaled } from "../assembler/memory.ts";
import { al, dl, eax, ecx, edi, edx, esi } from "../assembler/registers.ts";
import type { CodeFunction } from "../object.ts";

/**
 * What compiled code calls without anyone having written it: `memory.copy` and `memory.fill` (eax, edx, ecx: to, from or value, bytes).
 * The linker adds those that an image refers to.
 */
export function runtimeFunctions(): readonly CodeFunction[] {
  const a = createAssembler();
  writeMove(a);
  writeFill(a);
  return a.finish();
}

/**
 * memmove: upwards by REP MOVSD, except where the source overlaps the destination from below. Then downwards by single moves: with DF set
 * an interrupt would be entered with DF set.
 */
function writeMove(a: Assembler): void {
  a.procedure("memmove");
  const downwards = a.label();
  a.push(esi);
  a.push(edi);
  a.mov(edi, eax);
  a.mov(esi, edx);
  a.sub(eax, edx);
  a.cmp(eax, ecx);
  a.jb(downwards);
  a.mov(edx, ecx);
  a.shr(ecx, 2);
  a.rep().movsd();
  a.mov(ecx, edx);
  a.and(ecx, 3);
  a.rep().movsb();
  const done = a.here();
  a.pop(edi);
  a.pop(esi);
  a.ret();

  const bytes = a.label();
  const byte = a.label();
  a.bind(downwards);
  a.sub(ecx, 4);
  a.jb(bytes);
  a.mov(eax, mem(esi, ecx));
  a.mov(mem(edi, ecx), eax);
  a.jmp(downwards);
  a.bind(bytes);
  a.add(ecx, 4);
  a.bind(byte);
  a.je(done);
  a.mov(al, mem8(esi, scaled(ecx, 1), -1));
  a.mov(mem8(edi, scaled(ecx, 1), -1), al);
  a.dec(ecx);
  a.jmp(byte);
}

function writeFill(a: Assembler): void {
  a.procedure("memset");
  a.push(edi);
  a.mov(edi, eax);
  a.movzx(eax, dl);
  a.imul(eax, eax, 0x0101_0101);
  a.mov(edx, ecx);
  a.shr(ecx, 2);
  a.rep().stosd();
  a.mov(ecx, edx);
  a.and(ecx, 3);
  a.rep().stosb();
  a.pop(edi);
  a.ret();
}
