import { hypercalls } from "@mercury/abi";
import { eax, esp, mem8, symbol, type Assembler } from "@mercury/toolchain";
import { hypercallVector, interruptBit, pendingEvents, virtualFlag } from "./names.ts";

const range = { section: ".thunks.flag", alignment: 16 } as const;
const slowRange = { section: ".thunks.hypercall", alignment: 16 } as const;

/**
 * Virtual bodies of sti, popfd and iretd. Each may be begun again from its start at any instruction boundary, since it keeps nothing in
 * registers and leaves the stack alone before its last instruction: an event that arrives in this range is noted, EIP goes back to the
 * start, and the thunk then finds it pending. What to do about it is in the slow paths, outside the range.
 */
export function flagThunks(a: Assembler): void {
  enableInterrupts(a);
  restoreFlags(a);
  returnFromTrap(a);
  slowPaths(a);
}

function enableInterrupts(a: Assembler): void {
  a.procedure("thunk_enableInterrupts", range);
  a.mov(virtualFlag, interruptBit);
  a.cmp(pendingEvents, 0);
  a.jne(symbol("slow_enableInterrupts"));
  a.ret();
}

function restoreFlags(a: Assembler): void {
  a.procedure("thunk_restoreFlags", range);
  const off = a.label();
  a.mov(virtualFlag, 0);
  a.test(mem8(esp, 5), interruptBit);
  a.je(off);
  a.mov(virtualFlag, interruptBit);
  a.cmp(pendingEvents, 0);
  a.jne(symbol("slow_restoreFlags"));
  a.bind(off);
  a.ret(4);
}

/** The frame is {eip, cs, eflags[, esp, ss]}; RPL 0 of a frame from native mode becomes 1, RPL 3 stays. */
function returnFromTrap(a: Assembler): void {
  a.procedure("thunk_returnFromTrap", range);
  const user = a.label();
  const done = a.label();
  a.mov(virtualFlag, 0);
  a.test(mem8(esp, 4), 2);
  a.jne(user);
  a.or(mem8(esp, 4), 1);
  a.bind(user);
  a.test(mem8(esp, 9), interruptBit);
  a.je(done);
  a.mov(virtualFlag, interruptBit);
  a.cmp(pendingEvents, 0);
  a.jne(symbol("slow_returnFromTrap"));
  a.bind(done);
  a.iretd();
}

/** Something is pending: the VMM delivers it. Here events wait for the hypercall's exit. */
function slowPaths(a: Assembler): void {
  a.procedure("slow_enableInterrupts", slowRange);
  a.push(eax);
  a.mov(eax, hypercalls.deliverEvents.number);
  a.int(hypercallVector);
  a.jmp(symbol("tail_eax"));

  a.procedure("slow_restoreFlags", slowRange);
  a.push(eax);
  a.mov(eax, hypercalls.deliverEvents.number);
  a.int(hypercallVector);
  a.jmp(symbol("tail_restoreFlags"));

  a.procedure("slow_returnFromTrap", slowRange);
  a.push(eax);
  a.mov(eax, hypercalls.returnFromTrap.number);
  a.int(hypercallVector);
  a.ud2();

  a.procedure("tail_restoreFlags");
  a.pop(eax);
  a.ret(4);
}
