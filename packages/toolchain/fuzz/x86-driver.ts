import { type Assembler, createAssembler } from "../src/assembler/block.ts";
import { far, mem, mem32, mem48, physical, symbol } from "../src/assembler/memory.ts";
import { al, ax, ds, dx, eax, ebx, ecx, edi, edx, es, esi, esp, ss } from "../src/assembler/registers.ts";
import { writeElf } from "../src/link/elf.ts";
import { linkImage } from "../src/link/image.ts";
import { multibootHeader } from "../src/link/multiboot.ts";

/** Where the driver finds its calls and leaves what they did; the program's parts are at `x86Bases`. */
export const recordBase = 0x00a0_0000;
export const outcomeBase = 0x00c0_0000;
export const machineMemory = 0x0100_0000;
const driverText = 0x0030_0000;
const driverData = 0x0031_0000;

/** Exceptions that a program's traps raise, and the loader's kind for each (loader.c). */
const handlers = [
  { vector: 0, kind: 1 }, // #DE
  { vector: 6, kind: 2 }, // #UD
  { vector: 13, kind: 3 }, // #GP
  { vector: 14, kind: 3 }, // #PF
] as const;

const codeSelector = 0x08;
const dataSelector = 0x10;
/** Flat 4 GB segments of ring 0, present, 32-bit (SDM 3A 3.4.5): the null, code and data descriptors. */
const gdt = [0, 0, 0x0000ffff, 0x00cf9a00, 0x0000ffff, 0x00cf9200];
/** Present, ring 0, 32-bit interrupt gate (SDM 3A 6.11). */
const gate = 0x8e00;
const exitPort = 0xf4;

/** A multiboot image that makes the recorded calls one after the other and ends through isa-debug-exit. */
export function driverImage(hashStart: number, hashBytes: number): Uint8Array {
  const a = createAssembler();
  multibootHeader(a);
  a.procedure("start", { section: ".boot" });
  a.mov(eax, physical("begin"));
  a.jmp(eax);
  begin(a);
  calls(a);
  outcomes(a, hashStart, hashBytes);
  for (const { vector, kind } of handlers) {
    a.procedure(`handler${vector}`);
    a.mov(mem32(symbol("kind")), kind);
    a.jmp(symbol("trapped"));
  }
  tables(a);
  const image = linkImage({
    name: "fuzz driver",
    program: null,
    stubs: a.finish(),
    textBase: driverText,
    dataBase: driverData,
    limit: null,
    loadOffset: 0,
    entry: "start",
    siteTable: false,
    blobs: [],
  });
  return writeElf(image);
}

function begin(a: Assembler): void {
  a.procedure("begin");
  a.lgdt(mem48(symbol("gdtDescriptor")));
  a.jmpf(far(codeSelector, symbol("reloaded")));
  a.procedure("reloaded");
  a.mov(ax, dataSelector);
  for (const segment of [ds, es, ss]) a.mov(segment, ax);
  for (const { vector } of handlers) {
    a.mov(eax, symbol(`handler${vector}`));
    a.mov(edx, eax);
    a.and(eax, 0xffff);
    a.or(eax, codeSelector << 16);
    a.and(edx, 0xffff_0000);
    a.or(edx, gate);
    a.mov(mem(symbol("idt", vector * 8)), eax);
    a.mov(mem(symbol("idt", vector * 8 + 4)), edx);
  }
  a.lidt(mem48(symbol("idtDescriptor")));
  a.jmp(symbol("next"));
}

/** A record: entry (0 ends), eax, edx, ecx, count, words. An outcome: kind, eax, edx, hash of the memory range. */
function calls(a: Assembler): void {
  a.procedure("next");
  const go = a.label();
  const finished = a.label();
  a.mov(esp, symbol("stackTop"));
  a.mov(esi, mem(symbol("cursor")));
  a.mov(eax, mem(esi));
  a.test(eax, eax);
  a.je(finished);
  a.mov(mem(symbol("target")), eax);
  a.mov(ecx, mem(esi, 16));
  a.lea(ebx, mem(esi, 20));
  const pushing = a.here();
  a.test(ecx, ecx);
  a.je(go);
  a.push(mem32(ebx));
  a.add(ebx, 4);
  a.dec(ecx);
  a.jmp(pushing);
  a.bind(go);
  a.mov(mem(symbol("cursor")), ebx);
  a.mov(mem32(symbol("kind")), 0);
  a.mov(eax, mem(esi, 4));
  a.mov(edx, mem(esi, 8));
  a.mov(ecx, mem(esi, 12));
  a.call(mem32(symbol("target")));
  a.jmp(symbol("returned"));
  a.bind(finished);
  a.mov(dx, exitPort);
  a.mov(al, 0);
  a.out(dx, al);
  a.hlt();
}

/** What a call left, whether it returned or trapped; then the next call. */
function outcomes(a: Assembler, hashStart: number, hashBytes: number): void {
  a.procedure("trapped");
  a.mov(esp, symbol("stackTop"));
  a.cld();
  a.procedure("returned", { alignment: 1 });
  a.mov(edi, mem(symbol("outcome")));
  a.mov(mem(edi, 4), eax);
  a.mov(mem(edi, 8), edx);
  a.mov(ecx, mem(symbol("kind")));
  a.mov(mem(edi), ecx);
  a.mov(eax, 0x811c9dc5);
  a.mov(esi, hashStart);
  a.mov(ecx, hashBytes >>> 2);
  const hashing = a.here();
  a.xor(eax, mem(esi));
  a.imul(eax, eax, 0x01000193);
  a.add(esi, 4);
  a.dec(ecx);
  a.jne(hashing);
  a.mov(mem(edi, 12), eax);
  a.add(mem32(symbol("outcome")), 16);
  a.jmp(symbol("next"));
}

function tables(a: Assembler): void {
  a.data("cursor");
  a.data32(recordBase);
  a.data("outcome");
  a.data32(outcomeBase);
  a.data("target");
  a.data32(0);
  a.data("kind");
  a.data32(0);
  a.data("gdt", { alignment: 8 });
  a.data32(...gdt);
  a.data("gdtDescriptor");
  a.data16(gdt.length * 4 - 1);
  a.data32(symbol("gdt"));
  a.data("idtDescriptor");
  a.data16(16 * 8 - 1);
  a.data32(symbol("idt"));
  a.data("idt", { section: ".bss", alignment: 8 });
  a.zero(16 * 8);
  a.data("stack", { section: ".bss" });
  a.zero(0x10000);
  a.entry("stackTop");
}
