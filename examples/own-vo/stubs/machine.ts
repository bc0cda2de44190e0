import { gdtSlots, selectors, structures, vectors } from "@mercury/abi";
import { type Assembler, ax, ds, eax, ecx, es, far, fs, gs, mem, scaled, ss, symbol } from "@mercury/toolchain";

const gates = 256;
const descriptorSize = 8;
const lines = 16;

/** What guest and switch expect of a VO layer (abi: voSymbols), and the reload of the segment registers. */
export function machine(a: Assembler): void {
  zeroed(a, "kernelRecord", structures.kernelRecord.size);
  zeroed(a, "native_gdt", gdtSlots.count * descriptorSize);
  zeroed(a, "native_idt", gates * descriptorSize);
  // In one page: the processor reads a task state by physical addresses that follow one another (SDM 3A 7.2.1).
  zeroed(a, "native_taskState", structures.taskState.size, 128);
  pointer(a, "native_gdtDescriptor", "native_gdt", gdtSlots.count * descriptorSize);
  pointer(a, "native_idtDescriptor", "native_idt", gates * descriptorSize);
  reloadSegments(a);
  raiseVector(a);
}

function zeroed(a: Assembler, name: string, bytes: number, alignment = 16): void {
  a.data(name, { section: ".bss", alignment });
  a.zero(bytes);
}

/** Operand of LGDT and LIDT: limit, then base (SDM 3A 2.4). */
function pointer(a: Assembler, name: string, table: string, bytes: number): void {
  a.data(name, { alignment: 4 });
  a.data16(bytes - 1);
  a.data32(symbol(table));
}

/** `nativeReloadSegments()`: after LGDT, every register takes its descriptor from the new table. */
function reloadSegments(a: Assembler): void {
  a.procedure("nativeReloadSegments");
  a.jmpf(far(selectors.kernelCode, symbol("nativeReloadData")));
  a.entry("nativeReloadData");
  a.mov(eax, selectors.kernelData);
  a.mov(ss, ax);
  a.mov(eax, selectors.userData);
  a.mov(ds, ax);
  a.mov(es, ax);
  a.xor(eax, eax);
  a.mov(fs, ax);
  a.mov(gs, ax);
  a.ret();
}

/** `raiseVector(line)`: INT imm8 and RET are three bytes a line. */
function raiseVector(a: Assembler): void {
  a.procedure("raiseVector");
  a.and(eax, lines - 1);
  a.mov(ecx, eax);
  a.lea(eax, mem(eax, scaled(ecx, 2), symbol("raiseVectors")));
  a.jmp(eax);
  a.procedure("raiseVectors");
  for (let line = 0; line < lines; line++) {
    a.int(vectors.irqBase + line);
    a.ret();
  }
}
