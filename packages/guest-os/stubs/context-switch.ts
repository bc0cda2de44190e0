import { eax, ebp, ebx, ecx, edi, edx, esi, esp, fs, gs, mem, symbol, type Assembler } from "@mercury/toolchain";

/** From one kernel stack to another, and where a new task begins. */
export function contextSwitch(a: Assembler): void {
  // switchStack(save, stackPointer): ESP goes to [save]. What is pushed here is what proc/create.ts lays on a new stack.
  a.procedure("switchStack");
  a.push(ebp);
  a.push(ebx);
  a.push(esi);
  a.push(edi);
  a.mov(mem(eax), esp);
  a.mov(esp, edx);
  a.pop(edi);
  a.pop(esi);
  a.pop(ebx);
  a.pop(ebp);
  a.ret();

  // A new task: calls what its creator left in EBX, interrupts off, then goes to user mode through the frame at the top of its stack.
  a.procedure("taskStart");
  a.call(ebx);
  a.mov(eax, esp);
  a.call(symbol("leaveToUser"));
  a.jmp(symbol("trapReturn"));

  a.procedure("forkedTask");
  a.ret();

  // readUserSegments(): FS in the low half, GS in the high.
  a.procedure("readUserSegments");
  a.xor(ecx, ecx);
  a.mov(eax, gs);
  a.mov(ecx, fs);
  a.shl(eax, 16);
  a.and(ecx, 0xffff);
  a.or(eax, ecx);
  a.ret();
  loadUserSegments(a);
}

/** loadUserSegments(fs, gs): a selector whose descriptor is not there any more becomes null by the fix-ups. Clobbers EAX, EDX. */
function loadUserSegments(a: Assembler): void {
  a.procedure("loadUserSegments");
  a.entry("loadFsAt");
  a.mov(fs, eax);
  a.entry("loadGsAt");
  a.mov(gs, edx);
  a.ret();
  a.entry("loadFsFailed");
  a.xor(eax, eax);
  a.jmp(symbol("loadFsAt"));
  a.entry("loadGsFailed");
  a.xor(edx, edx);
  a.jmp(symbol("loadGsAt"));
}

/** Where segment loads may fault, and where they go on (fixUpTable). */
export const segmentFixUps: readonly (readonly [string, string])[] = [
  ["loadFsAt", "loadFsFailed"],
  ["loadGsAt", "loadGsFailed"],
];
