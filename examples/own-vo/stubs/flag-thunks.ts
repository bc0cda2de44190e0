import { hypercalls, sharedFields, vectors, type VoOperationName } from "@mercury/abi";
import { type Assembler, eax, esp, mem8, mem32, symbol, through } from "@mercury/toolchain";
import { countUse } from "./meter.ts";

/** IF in the second byte of a word of flags (SDM 1 3.4.3). On the way out of a trap DS is the user's already, SS never. */
const interruptBit = 2;
const virtualFlag = through("ss", mem8(sharedFields.virtualInterruptFlag + 1));
const pendingEvents = through("ss", mem32(sharedFields.pendingEvents));

const range = { section: ".thunks.flag", alignment: 16 } as const;
const slowRange = { section: ".thunks.hypercall", alignment: 16 } as const;

/**
 * Virtual bodies of STI, POPFD and IRETD. An event that comes in here takes the thunk back to its start, so nothing but the last instruction
 * may change registers or the stack, and there is no register for the time.
 */
export function flagThunks(a: Assembler): void {
  counted(a, "enableInterrupts");
  a.mov(virtualFlag, interruptBit);
  a.cmp(pendingEvents, 0);
  a.jne(symbol("slow_enableInterrupts"));
  a.ret();
  restoreFlags(a);
  returnFromTrap(a);
  slow(a, "enableInterrupts", () => a.ret());
  slow(a, "restoreFlags", () => a.ret(4));
  slowReturn(a);
}

/**
 * A thunk that counts once, however often it is begun again: the count is a procedure of one instruction, and the thunk proper the next one, with
 * a start of its own. Before the count EIP goes back to the count, and behind it, to the thunk.
 */
function counted(a: Assembler, name: VoOperationName): void {
  a.procedure(`thunk_${name}`, range);
  countUse(a, name, "virtual");
  a.procedure(`body_${name}`, { ...range, alignment: 1 });
}

function restoreFlags(a: Assembler): void {
  counted(a, "restoreFlags");
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

/** The frame {eip, cs, eflags[, esp, ss]} may be from native mode: RPL 0 becomes 1. */
function returnFromTrap(a: Assembler): void {
  counted(a, "returnFromTrap");
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

/** Something waits: the VMM delivers it at the hypercall's exit. The tail works in either mode, so it lies outside the range. */
function slow(a: Assembler, name: string, leave: () => void): void {
  a.procedure(`slow_${name}`, slowRange);
  a.push(eax);
  a.mov(eax, hypercalls.deliverEvents.number);
  a.int(vectors.hypercall);
  a.jmp(symbol(`tail_${name}`));
  a.procedure(`tail_${name}`);
  a.pop(eax);
  leave();
}

function slowReturn(a: Assembler): void {
  a.procedure("slow_returnFromTrap", slowRange);
  a.push(eax);
  a.mov(eax, hypercalls.returnFromTrap.number);
  a.int(vectors.hypercall);
  a.ud2();
}
