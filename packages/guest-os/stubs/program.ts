import { type Assembler, eax, ebx, esp, symbol } from "@mercury/toolchain";

/** exit of the Linux i386 system calls. */
const exitNumber = 1;

/** Entry of a user program: the stack holds argc, argv and the environment (System V i386 ABI, figure 3-31); main gets its address, and its result is the exit status. */
export function program(a: Assembler): void {
  a.procedure("start");
  a.mov(eax, esp);
  a.call(symbol("main"));
  a.mov(ebx, eax);
  a.mov(eax, exitNumber);
  a.int(0x80);
  a.ud2();
}
