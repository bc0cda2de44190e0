import { gdtSlots, interfaceVersion, structures, vectors } from "@mercury/abi";
import { type Assembler, eax, symbol } from "@mercury/toolchain";

/** 'MCRM' */
const magic = 0x4d52434d;
const descriptorSize = 8;
const gates = vectors.modeSwitch + 1;
const stackSize = 0x2000;

/** The header, which is all that others know of this image, and its tables. */
export function data(a: Assembler): void {
  a.data("vmmHeader", { section: ".header", alignment: 16 });
  a.data32(magic, interfaceVersion, symbol("warmupEntry"), symbol("refuseBoot"), symbol("switchEntry"), symbol("image.end"));
  a.zero(structures.vmmHeader.size - 6 * 4);

  // Module-level initialisers first.
  a.procedure("warmupEntry");
  a.push(eax);
  a.call(symbol("image.start"));
  a.pop(eax);
  a.jmp(symbol("warmup"));
  // Never reached: the warm-up refuses a system that is to boot under the VMM.
  a.procedure("refuseBoot");
  a.ud2();

  zeroed(a, "gdt", gdtSlots.count * descriptorSize, 16);
  zeroed(a, "idt", gates * descriptorSize, 16);
  zeroed(a, "taskState", structures.taskState.size, 128);
  zeroed(a, "stack", stackSize, 16);
  a.entry("stackTop");
  pointer(a, "gdtDescriptor", "gdt", gdtSlots.count * descriptorSize);
  pointer(a, "idtDescriptor", "idt", gates * descriptorSize);
}

function zeroed(a: Assembler, name: string, bytes: number, alignment: number): void {
  a.data(name, { section: ".bss", alignment });
  a.zero(bytes);
}

/** Operand of LGDT and LIDT (SDM 3A 2.4). */
function pointer(a: Assembler, name: string, table: string, bytes: number): void {
  a.data(name, { alignment: 4 });
  a.data16(bytes - 1);
  a.data32(symbol(table));
}
