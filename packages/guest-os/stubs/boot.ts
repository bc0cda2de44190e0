import { memoryMap, pageBits } from "@mercury/abi";
import {
  cr0,
  cr3,
  cr4,
  eax,
  ebx,
  ecx,
  edi,
  edx,
  esi,
  esp,
  mem32,
  multibootHeader,
  physical,
  scaled,
  symbol,
  type Assembler,
} from "@mercury/toolchain";

/** Bytes of the stack on which the kernel boots; it becomes the idle task's. */
const bootStackSize = 0x2000;
/** Chunks that the provisional directory maps: all that a kernel can use. */
const chunks = memoryMap.directMapSize / memoryMap.chunkSize;
const directMapSlot = memoryMap.directMapBase / memoryMap.chunkSize;

/** CR4 (SDM 3A 2.5): 4 MB pages, global pages. */
const cr4PageSize = 0x10;
const cr4Global = 0x80;
/**
 * CR0: PG, WP (tables are read-only to ring 0 too), NE (x87 errors are vector 16), EM (until metal/kernel/fpu/unit.ts knows
 * what there is). PE is set already.
 */
const cr0Bits = 0x8001_0024;

/** The multiboot entry, at its physical address: paging on, then the linked address and the boot stack. */
export function boot(a: Assembler): void {
  multibootHeader(a);
  a.procedure("multibootEntry", { section: ".boot" });
  a.cli();
  a.cld();
  a.mov(edx, eax);
  provisionalDirectory(a);
  a.mov(eax, cr4);
  a.or(eax, cr4PageSize | cr4Global);
  a.mov(cr4, eax);
  a.mov(cr3, edi);
  a.mov(eax, cr0);
  a.or(eax, cr0Bits | 0);
  a.mov(cr0, eax);
  a.mov(eax, symbol("bootLinear"));
  a.jmp(eax);

  a.procedure("bootLinear");
  a.mov(esp, symbol("bootStackTop"));
  a.push(edx);
  a.call(symbol("image.start"));
  a.pop(eax);
  a.mov(edx, ebx);
  a.call(symbol("bootKernel"));
  a.ud2();

  // In the direct map, and large enough for a task: the boot thread becomes the idle task.
  a.data("bootStack", { section: ".bss", alignment: bootStackSize });
  a.zero(bootStackSize);
  a.entry("bootStackTop");
  a.data("bootDirectory", { section: ".bss", alignment: 4096 });
  a.zero(4096);
  moveImage(a);
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

/**
 * moveImage(to, bytes, directory): the whole image, the stack of the caller with it, copied by whole pages; then CR3. Interrupts are off, and nothing is
 * written in between, so that the copy is what goes on (metal/kernel/boot/shuffle.ts).
 */
function moveImage(a: Assembler): void {
  a.procedure("moveImage");
  a.push(esi);
  a.push(edi);
  a.mov(edi, eax);
  a.mov(esi, memoryMap.kernelTextBase);
  a.mov(eax, ecx);
  a.mov(ecx, edx);
  a.shr(ecx, 2);
  a.rep().movsd();
  a.mov(cr3, eax);
  a.pop(edi);
  a.pop(esi);
  a.ret();
  a.data("shuffledDirectory", { section: ".bss", alignment: 4096 });
  a.zero(4096);
}
