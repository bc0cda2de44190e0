import { interfaceVersion, layoutOf, memoryMap, pageBits, structures, type StructureName } from "@mercury/abi";
import {
  cr0,
  cr3,
  cr4,
  eax,
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
  type DataWord,
} from "@mercury/toolchain";

/** The smallest boot path that the contract allows: all in assembler, 32 MB, the VMM first. The kernel that it starts is the test's. */

export const memoryBytes: number = 32 << 20;
const chunks = memoryBytes / memoryMap.chunkSize;
const reserve = memoryBytes - memoryMap.chunkSize;
const ownTable = reserve + memoryMap.chunkSize - memoryMap.pageSize;
const linear = (address: number): number => memoryMap.directMapBase + address;
const slot = (address: number): number => (address >>> 22) * 4;
const { present, writable, large, global } = pageBits;
const stackSize = 0x2000;
/** Entries of sharedPage.machineChunk, and the one of a chunk that the domain does not have. */
const chunkCount = 512;
const noChunk = 0xffff;
/** CR4.PSE and PGE; CR0.PG, WP and ET (SDM 3A 2.5). */
const cr4Bits = 0x90;
const cr0Bits = 0x8001_0010 | 0;

/** Offset of a structure's field. */
export function offset(structure: StructureName, name: string): number {
  const at = layoutOf(structure, structures[structure]).get(name);
  if (at === undefined) throw new Error(`${structure} has no field ${name}`);
  return at;
}

/** Boots under the VMM; execution goes on at the symbol `hostileMain` in ring 1, interrupts off, on the stack below `stackTop`. */
export function hostileBoot(a: Assembler): void {
  multibootHeader(a);
  a.procedure("multibootEntry", { section: ".boot" });
  a.cli();
  provisionalDirectory(a);
  a.mov(eax, symbol("bootLinear"));
  a.jmp(eax);
  a.procedure("bootLinear");
  a.mov(esp, symbol("stackTop"));
  sharedPage(a);
  copyVmm(a);
  masterDirectory(a);
  ownMapping(a);
  a.mov(eax, memoryMap.zoneBase);
  a.mov(cr3, eax);
  a.mov(eax, symbol("record"));
  a.call(mem32(memoryMap.vmmBase + offset("vmmHeader", "warmup")));
  a.mov(eax, symbol("hostileMain"));
  a.mov(edx, symbol("stackTop"));
  a.call(mem32(memoryMap.vmmBase + offset("vmmHeader", "bootFirst")));
  a.ud2();
  bootData(a);
}

/** Every chunk at its physical address and in the direct map. */
function provisionalDirectory(a: Assembler): void {
  a.mov(edi, physical("provisional"));
  for (let chunk = 0; chunk < chunks; chunk++) {
    const entry = (chunk << 22) | present | writable | large;
    a.mov(mem32(edi, chunk * 4), entry);
    a.mov(mem32(edi, slot(memoryMap.directMapBase) + chunk * 4), entry);
  }
  a.mov(eax, cr4);
  a.or(eax, cr4Bits);
  a.mov(cr4, eax);
  a.mov(cr3, edi);
  a.mov(eax, cr0);
  a.or(eax, cr0Bits);
  a.mov(cr0, eax);
}

function copyVmm(a: Assembler): void {
  a.mov(esi, symbol("vmm_image_start"));
  a.mov(edi, linear(reserve) | 0);
  a.mov(ecx, symbol("vmm_image_end"));
  a.sub(ecx, esi);
  a.rep().movsb();
}

function masterDirectory(a: Assembler): void {
  const set = (address: number, entry: number): void => a.mov(mem32(linear(memoryMap.zoneBase) + slot(address)), entry | 0);
  const isZone = (address: number): boolean => address === memoryMap.zoneBase;
  for (let address = 0; address < reserve; address += memoryMap.chunkSize)
    set(linear(address), address | present | large | global | (isZone(address) ? 0 : writable));
  set(memoryMap.tableWindowBase, memoryMap.zoneBase | present | large | global | writable);
  set(memoryMap.vmmBase, ownTable | present | writable);
}

/** The reserve by 4 KB pages; the table is its last frame. */
function ownMapping(a: Assembler): void {
  a.mov(edi, linear(ownTable) | 0);
  a.mov(eax, reserve | present | writable | global);
  a.xor(ecx, ecx);
  const next = a.here();
  a.mov(mem32(edi, scaled(ecx, 4)), eax);
  a.add(eax, memoryMap.pageSize);
  a.inc(ecx);
  a.cmp(ecx, 1024);
  a.jb(next);
}

/** The page before the kernel's data, which no image holds: zeros, but for what pseudo-physical chunks are. */
function sharedPage(a: Assembler): void {
  a.mov(edi, memoryMap.sharedPage | 0);
  a.xor(eax, eax);
  a.mov(ecx, memoryMap.pageSize / 4);
  a.rep().stosd();
  const chunk = (number: number): number => (number < chunks ? number : noChunk);
  const at = memoryMap.sharedPage + offset("sharedPage", "machineChunk");
  for (let number = 0; number < chunkCount; number += 2) a.mov(mem32(at + number * 2), chunk(number) | (chunk(number + 1) << 16));
}

function bootData(a: Assembler): void {
  const values: Readonly<Record<string, DataWord>> = {
    magic: 0x4b52_434d,
    interfaceVersion,
    taskState: symbol("scratch"),
    gdt: symbol("scratch"),
    masterDirectory: memoryMap.zoneBase,
    zoneFrames: memoryMap.chunkSize / memoryMap.pageSize,
    memoryEnd: memoryBytes,
    vmmReserve: reserve,
    vmmReserveSize: memoryMap.chunkSize,
    textStart: symbol("image.textStart"),
    textEnd: symbol("image.textEnd"),
    flagThunksStart: symbol("returnThunk"),
    flagThunksEnd: symbol("returnThunkEnd"),
    flagThunkStarts: symbol("thunkStarts"),
    flagThunkCount: 1,
  };
  a.procedure("returnThunk");
  a.iretd();
  a.entry("returnThunkEnd");
  a.nop();
  a.data("thunkStarts");
  a.data32(symbol("returnThunk"));
  a.data("record", { alignment: 16 });
  for (const { name, count = 1 } of structures.kernelRecord.fields) for (let each = 0; each < count; each++) a.data32(values[name] ?? 0);
  const zeroed = (name: string, bytes: number, alignment: number): void => {
    a.data(name, { section: ".bss", alignment });
    a.zero(bytes);
  };
  zeroed("scratch", 256, 16);
  zeroed("provisional", memoryMap.pageSize, memoryMap.pageSize);
  zeroed("stack", stackSize, 16);
  a.entry("stackTop");
}
