import { gdtSlots, selectors, structures, vectors } from "@mercury/abi";
import { ax, ds, eax, ecx, es, far, fs, gs, mem, ss, scaled, symbol, type Assembler } from "@mercury/toolchain";

const gateCount = 256;
const descriptorSize = 8;
/** Bytes of a 32-bit task state (SDM 3A 7.2.1). */
const taskStateSize = 104;

/** The native tables and the record that the boot path fills: data of the kernel image. */
export function machineData(a: Assembler): void {
  a.data("kernelRecord", { alignment: 16 });
  a.zero(structures.kernelRecord.size);
  a.data("native_gdt", { alignment: 16 });
  a.zero(gdtSlots.count * descriptorSize);
  a.data("native_taskState", { alignment: 128 });
  a.zero(taskStateSize);
  a.data("native_idt", { section: ".bss", alignment: 16 });
  a.zero(gateCount * descriptorSize);
  a.data("native_gdtDescriptor", { alignment: 4 });
  a.data16(gdtSlots.count * descriptorSize - 1);
  a.data32(symbol("native_gdt"));
  a.data("native_idtDescriptor", { alignment: 4 });
  a.data16(gateCount * descriptorSize - 1);
  a.data32(symbol("native_idt"));
}

/** After LGDT: every segment register takes its descriptor from the new table. Clobbers EAX. */
export function reloadSegments(a: Assembler): void {
  a.procedure("native_reloadSegments");
  const reload = "native_reloadData";
  a.jmpf(far(selectors.kernelCode, symbol(reload)));
  a.entry(reload);
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

/** `raiseVector(line)`: takes the interrupt of a line by software, through whatever IDT is loaded. INT imm8 and RET are three bytes a line. */
export function raiseVector(a: Assembler): void {
  const lines = 16;
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

/** Where a refused hypercall ends: #UD takes the kernel to its panic, the errno in EAX. */
export function refused(a: Assembler): void {
  a.procedure("virtual_refused");
  a.ud2();
}
