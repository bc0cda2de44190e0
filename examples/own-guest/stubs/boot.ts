import { memoryMap, pageBits } from "@mercury/abi";
import {
  type Assembler,
  cr0,
  cr3,
  cr4,
  eax,
  ebx,
  ecx,
  edi,
  esp,
  mem32,
  multibootHeader,
  physical,
  scaled,
  symbol,
} from "@mercury/toolchain";

const stackSize = 0x2000;
const chunks = memoryMap.directMapSize / memoryMap.chunkSize;
const directMapSlot = memoryMap.directMapBase / memoryMap.chunkSize;
/** CR4 (SDM 3A 2.5): 4 MB pages, global pages. */
const cr4Bits = 0x90;
/** CR0: paging, and write protection for ring 0 too, on which the read-only zone rests. PE is set already. */
const cr0Bits = 0x8001_0000;

/** The multiboot entry, at its physical address: paging on, then the linked address and a stack. */
export function boot(a: Assembler): void {
  multibootHeader(a);
  a.procedure("multibootEntry", { section: ".boot" });
  a.cli();
  a.cld();
  provisionalDirectory(a);
  a.mov(eax, cr4);
  a.or(eax, cr4Bits);
  a.mov(cr4, eax);
  a.mov(cr3, edi);
  a.mov(eax, cr0);
  a.or(eax, cr0Bits | 0);
  a.mov(cr0, eax);
  a.mov(eax, symbol("bootLinear"));
  a.jmp(eax);

  a.procedure("bootLinear");
  a.mov(esp, symbol("bootStackTop"));
  a.push(ebx);
  a.call(symbol("image.start"));
  a.pop(eax);
  a.call(symbol("bootKernel"));
  a.ud2();

  // Nothing can be printed before there are traps: the machine stands still.
  a.procedure("stop");
  a.cli();
  a.hlt();

  a.data("bootStack", { section: ".bss", alignment: 16 });
  a.zero(stackSize);
  a.entry("bootStackTop");
  a.data("bootDirectory", { section: ".bss", alignment: memoryMap.pageSize });
  a.zero(memoryMap.pageSize);
}

/** Chunk n both at n and in the direct map. Leaves the directory's physical address in EDI. */
function provisionalDirectory(a: Assembler): void {
  const next = a.label();
  a.mov(edi, physical("bootDirectory"));
  a.mov(eax, pageBits.present | pageBits.writable | pageBits.large);
  a.xor(ecx, ecx);
  a.bind(next);
  a.mov(mem32(edi, scaled(ecx, 4)), eax);
  a.mov(mem32(edi, scaled(ecx, 4), directMapSlot * 4), eax);
  a.add(eax, memoryMap.chunkSize);
  a.inc(ecx);
  a.cmp(ecx, chunks);
  a.jb(next);
}
