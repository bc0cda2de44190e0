import { selectors, vectors } from "@mercury/abi";
import { ax, cx, ds, eax, ebx, ecx, edx, es, esp, far, mem, mem32, ss, symbol, type Assembler } from "@mercury/toolchain";
import { frameOffset } from "./frame.ts";

/** Bytes of the frame of an interrupt without a change of ring: eip, cs, eflags (SDM 3A 6.12.1). */
const sameRingFrame = 12;

/**
 * The dedicated interrupt in native mode: ring 0, the kernel's tables and stack, interrupts off. Builds on the VMM's stack the frame that
 * an entry from ring 1 would have left, so that attach and detach see one kind of frame. A request that is on that stack already was made
 * by the handler of an NMI that came in the middle of a switch: it goes on below, as what lies above is the other's. Nothing here has a
 * place of its own in memory, for the same reason.
 */
export function nativeSwitchEntry(a: Assembler): void {
  a.procedure("vmm_switchEntry");
  const fresh = a.label();
  const nested = a.label();
  a.push(eax);
  a.mov(eax, esp);
  a.cmp(eax, symbol("vmm_stackTop"));
  a.jae(fresh);
  a.cmp(eax, symbol("vmm_stack"));
  a.jae(nested);
  a.bind(fresh);
  a.mov(esp, symbol("vmm_stackTop"));
  a.bind(nested);
  a.push(selectors.kernelData);
  a.add(eax, sameRingFrame + 4);
  a.push(eax);
  a.push(mem32(eax, -4));
  a.push(mem32(eax, -8));
  a.push(mem32(eax, -12));
  a.push(0);
  a.push(vectors.modeSwitch);
  a.mov(eax, mem(eax, -16));
  a.pusha();
  a.push(ds);
  a.push(es);
  a.cld();
  a.jmp(symbol("vmm_switch"));
}

/** Switches (`switchTo(frame, target): result`), then leaves by the ring that the frame names afterwards. */
export function performSwitch(a: Assembler): void {
  a.procedure("vmm_switch");
  a.mov(eax, esp);
  a.mov(edx, mem(esp, frameOffset("eax")));
  a.call(symbol("switchTo"));
  a.mov(mem(esp, frameOffset("eax")), eax);
  a.test(mem32(esp, frameOffset("cs")), 3);
  a.jne(symbol("vmm_exit"));
  a.jmp(symbol("vmm_exitNative"));
}

/** To ring 0 of the kernel: a frame without a change of ring on the kernel's stack, under EAX, which is restored last. */
export function nativeExit(a: Assembler): void {
  const fields = ["flags", "cs", "eip", "eax"] as const;
  a.procedure("vmm_exitNative");
  a.mov(ebx, mem(esp, frameOffset("esp")));
  fields.forEach((field, index) => {
    a.mov(ecx, mem(esp, frameOffset(field)));
    a.mov(mem(ebx, -4 * (index + 1)), ecx);
  });
  a.sub(ebx, 4 * fields.length);
  a.mov(mem(esp, frameOffset("esp")), ebx);
  a.mov(ecx, selectors.kernelData);
  a.mov(ss, cx);
  a.pop(es);
  a.pop(ds);
  a.popa();
  a.mov(esp, mem(esp, frameOffset("esp") - frameOffset("vector")));
  a.pop(eax);
  a.iretd();
}

/** `vmm_ownSegments()`, `vmm_kernelSegments()`: CS, SS, DS and ES of one side or the other, from the table that is loaded. Clobber EAX. */
export function segments(a: Assembler): void {
  reload(a, "vmm_ownSegments", selectors.vmmCode, selectors.vmmData, selectors.vmmData);
  reload(a, "vmm_kernelSegments", selectors.kernelCode, selectors.kernelData, selectors.userData);
}

function reload(a: Assembler, name: string, code: number, stack: number, data: number): void {
  a.procedure(name);
  a.jmpf(far(code, symbol(`${name}Data`)));
  a.entry(`${name}Data`);
  a.mov(eax, stack);
  a.mov(ss, ax);
  a.mov(eax, data);
  a.mov(ds, ax);
  a.mov(es, ax);
  a.ret();
}
