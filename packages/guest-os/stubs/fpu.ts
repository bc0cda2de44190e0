import { eax, mem, type Assembler } from "@mercury/toolchain";

/** The FPU's state to and from memory (metal/kernel/fpu/state.ts): every ring may do this, and it means the same in each. */
export function fpu(a: Assembler): void {
  // saveFpu(image): the registers stay as they are.
  a.procedure("saveFpu");
  a.fxsave(mem(eax));
  a.ret();

  // loadFpu(image). FNINIT first: some processors load the last instruction's and operand's addresses only with an exception pending (AMD64 APM 4 FXRSTOR),
  // and else would show one program's to the next.
  a.procedure("loadFpu");
  a.fninit();
  a.fxrstor(mem(eax));
  a.ret();
}
