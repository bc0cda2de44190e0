import { selectors, vectors } from "@mercury/abi";
import { type Assembler, ax, ds, eax, es, esp, symbol } from "@mercury/toolchain";

/** Exceptions for which the processor pushes an error code (SDM 3A 6.15). */
const withError: ReadonlySet<number> = new Set([8, 10, 11, 12, 13, 14, 17]);
const exceptions = Array.from({ length: 19 }, (_, vector) => vector);
const lines = Array.from({ length: 16 }, (_, line) => vectors.irqBase + line);

/** Every vector that comes here: its frame (abi: vmmFrame) on this VMM's stack, then one handler for each kind. Interrupts stay off. */
export function entries(a: Assembler): void {
  const all = [...exceptions, ...lines, vectors.hypercall, vectors.modeSwitch];
  for (const vector of all) {
    a.procedure(`entry${vector}`);
    if (!withError.has(vector)) a.push(0);
    a.push(vector);
    a.jmp(symbol(common(vector)));
  }
  for (const handler of ["handleException", "handleLine", "handleHypercall"]) {
    a.procedure(`enter_${handler}`);
    saveRegisters(a);
    a.mov(eax, esp);
    a.call(symbol(handler));
    a.jmp(symbol("leave"));
  }
  a.procedure("enter_switch");
  saveRegisters(a);
  a.jmp(symbol("performSwitch"));

  a.procedure("leave");
  a.pop(es);
  a.pop(ds);
  a.popa();
  a.add(esp, 8);
  a.iretd();

  a.data("entryTable");
  for (const vector of all) a.data32(vector, symbol(`entry${vector}`));
  a.data32(0, 0);
}

function common(vector: number): string {
  if (vector === vectors.modeSwitch) return "enter_switch";
  if (vector === vectors.hypercall) return "enter_handleHypercall";
  return vector < vectors.irqBase ? "enter_handleException" : "enter_handleLine";
}

export function saveRegisters(a: Assembler): void {
  a.pusha();
  a.push(ds);
  a.push(es);
  a.cld();
  a.mov(eax, selectors.vmmData);
  a.mov(ds, ax);
  a.mov(es, ax);
}
