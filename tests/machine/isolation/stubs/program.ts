import { vectors } from "@mercury/abi";
import { type Assembler, eax, ebx, ecx, edx, symbol } from "@mercury/toolchain";

/** System calls of the hostile kernel (metal/traps.ts). */
const calls = { introduce: 1, say: 2, setSlot: 3, done: 4 } as const;

/** Start of the hostile program, first in its text, and its system calls. */
export function programStart(a: Assembler): void {
  a.procedure("start");
  a.call(symbol("main"));
  a.mov(eax, calls.done);
  a.int(vectors.systemCall);
  a.procedure("introduce");
  a.push(ebx);
  a.mov(ebx, symbol("probeContext"));
  a.mov(eax, calls.introduce);
  a.int(vectors.systemCall);
  a.pop(ebx);
  a.ret();
  for (const name of ["say", "setSlot"] as const) {
    a.procedure(name);
    a.push(ebx);
    a.mov(ebx, eax);
    a.mov(ecx, edx);
    a.mov(eax, calls[name]);
    a.int(vectors.systemCall);
    a.pop(ebx);
    a.ret();
  }
}
