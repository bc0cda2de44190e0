import { memoryMap } from "@mercury/abi";
import { createAssembler } from "../assembler/block.ts";
import { mem32, physical, symbol } from "../assembler/memory.ts";
import { cr0, cr3, cr4, eax, edi, esp } from "../assembler/registers.ts";
import { type LinkedImage, linkImage } from "../link/image.ts";
import { multibootHeader } from "../link/multiboot.ts";
import type { CodeFunction } from "../object.ts";
import { compileProgram } from "../program.ts";

/** Paging on (4 MB pages, the first 4 MB also at the direct map), then `main` at its linked address. */
function bootStub(): readonly CodeFunction[] {
  const a = createAssembler();
  multibootHeader(a);
  a.procedure("boot", { section: ".boot" });
  a.mov(edi, physical("directory"));
  a.mov(mem32(edi), 0x83);
  a.mov(mem32(edi, (memoryMap.directMapBase >>> 22) * 4), 0x83);
  a.mov(eax, cr4);
  a.or(eax, 0x10);
  a.mov(cr4, eax);
  a.mov(cr3, edi);
  a.mov(eax, cr0);
  a.or(eax, 0x8001_0000);
  a.mov(cr0, eax);
  a.mov(esp, symbol("stackTop"));
  a.mov(eax, symbol("main"));
  a.call(eax);
  a.ud2();
  a.procedure("answer");
  a.lea(eax, mem32(eax, eax));
  a.ret();
  a.data("native_taskState");
  a.zero(104);
  a.data("directory", { section: ".bss", alignment: 4096 });
  a.zero(4096);
  a.data("stack", { section: ".bss" });
  a.zero(4096);
  a.entry("stackTop");
  return a.finish();
}

/** Links the module `@acme/program/metal` of a package as a multiboot kernel that calls its `main` in ring 0, paging on. */
export async function testKernel(root: string, optimise: 0 | 1 | 2 | 3): Promise<LinkedImage> {
  const { program } = await compileProgram({
    roots: [root],
    entries: ["@acme/program/metal"],
    bindings: { "mercury:vo": { kind: "import" } },
    memoryBase: memoryMap.kernelDataBase,
    optimise,
    patchable: true,
  });
  const thunks = createAssembler();
  for (const name of ["enableInterrupts", "restoreFlags", "setKernelStack", "out8", "out32"]) {
    thunks.procedure(`thunk_${name}`, { section: ".thunks.hypercall" });
    thunks.ret();
  }
  return linkImage({
    name: "kernel",
    program,
    stubs: [...bootStub(), ...thunks.finish()],
    textBase: memoryMap.kernelTextBase,
    dataBase: memoryMap.sharedPage,
    limit: memoryMap.kernelImageEnd,
    loadOffset: memoryMap.directMapBase,
    entry: "boot",
    siteTable: true,
    blobs: [],
  });
}
