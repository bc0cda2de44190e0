import { layoutOf, selectors, structures, vectors } from "@mercury/abi";
import { type Assembler, cx, ds, eax, ebx, ecx, edx, es, esp, mem, mem32, type Memory, ss, symbol } from "@mercury/toolchain";

const offsets = layoutOf("vmmFrame", structures.vmmFrame);

/** A field of the frame at the top of the stack. */
function field(name: (typeof structures.vmmFrame.fields)[number]["name"]): Memory {
  return mem32(esp, offsets.get(name) ?? 0);
}

/** The dedicated interrupt in native mode, the switch, and the way back to ring 0. */
export function switchEntries(a: Assembler): void {
  nativeEntry(a);
  a.procedure("performSwitch");
  a.mov(eax, esp);
  a.mov(edx, field("eax"));
  a.call(symbol("switchTo"));
  a.mov(field("eax"), eax);
  a.test(field("cs"), 3);
  a.jne(symbol("leave"));
  a.jmp(symbol("leaveNative"));
  nativeExit(a);
  a.data("savedWord", { section: ".bss" });
  a.zero(4);
}

/**
 * Ring 0 to ring 0: the processor left eip, cs, eflags on the kernel's stack and went on there (SDM 3A 6.12.1). Builds on this VMM's stack what
 * an entry from ring 1 would have left. The kernel's DS and ES are flat, so the selectors of the frame can stay loaded.
 */
function nativeEntry(a: Assembler): void {
  a.procedure("switchEntry");
  a.mov(mem(symbol("savedWord")), eax);
  a.mov(eax, esp);
  a.mov(esp, symbol("stackTop"));
  a.push(selectors.kernelData);
  a.add(eax, 12);
  a.push(eax);
  for (const below of [4, 8, 12]) a.push(mem32(eax, -below));
  a.push(0);
  a.push(vectors.modeSwitch);
  a.mov(eax, mem(symbol("savedWord")));
  a.pusha();
  a.push(ds);
  a.push(es);
  a.cld();
  a.jmp(symbol("performSwitch"));
}

/** A frame without a change of ring goes onto the kernel's stack, under EAX, which is restored last. */
function nativeExit(a: Assembler): void {
  const words = ["flags", "cs", "eip", "eax"] as const;
  a.procedure("leaveNative");
  a.mov(ebx, field("esp"));
  words.forEach((name, index) => {
    a.mov(ecx, field(name));
    a.mov(mem(ebx, -4 * (index + 1)), ecx);
  });
  a.sub(ebx, 4 * words.length);
  a.mov(mem(symbol("savedWord")), ebx);
  a.mov(ecx, selectors.kernelData);
  a.mov(ss, cx);
  a.pop(es);
  a.pop(ds);
  a.popa();
  a.mov(esp, mem(symbol("savedWord")));
  a.pop(eax);
  a.iretd();
}
