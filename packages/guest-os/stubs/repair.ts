import { cr0, eax, ebx, ecx, edx, mem, type Assembler } from "@mercury/toolchain";

/** CR0.WP (SDM 3A 2.5) */
const writeProtect = 0x1_0000;

/**
 * storeProtected(address, value): a store into the read-only zone through the direct map, with CR0.WP clear for its length. Only native mode comes here
 * (metal/kernel/trap/repair.ts), interrupts off.
 */
export function repair(a: Assembler): void {
  a.procedure("storeProtected");
  a.push(ebx);
  a.mov(ecx, cr0);
  a.mov(ebx, ecx);
  a.and(ecx, ~writeProtect);
  a.mov(cr0, ecx);
  a.mov(mem(eax), edx);
  a.mov(cr0, ebx);
  a.pop(ebx);
  a.ret();
}
