import { voOperations, type VoOperationName } from "@mercury/abi";
import { type Assembler, eax, ebx, edx, esi, esp, mem, type Memory, mem32, symbol, through } from "@mercury/toolchain";
import { type Form, mark, meterSize, recordOffset, ticksOffset } from "../src/meter.ts";

const word = 4;

/** A word of an operation's record. Through SS, which is flat in both rings at all times. */
function field(name: VoOperationName, form: Form, offset: number): Memory {
  return through("ss", mem32(symbol("ownMeter", recordOffset(name, form) + offset)));
}

export function meter(a: Assembler): void {
  a.data("ownMeter", { alignment: 16 });
  a.ascii(mark);
  a.zero(meterSize - mark.length);
}

/** Counts one use. Changes the arithmetic flags, which every operation may. */
export function countUse(a: Assembler, name: VoOperationName, form: Form): void {
  a.inc(field(name, form, 0));
}

/** Puts the time on the stack, and keeps every register. */
export function noteTime(a: Assembler): void {
  a.sub(esp, 2 * word);
  a.push(eax);
  a.push(edx);
  a.rdtsc();
  a.mov(mem32(esp, 2 * word), eax);
  a.mov(mem32(esp, 3 * word), edx);
  a.pop(edx);
  a.pop(eax);
}

/**
 * Takes the time that noteTime left off the stack, adds what has passed since then, and keeps every register. Another thread may add to the same
 * record between the two halves: the carry is this one's, so the sum is right all the same.
 */
export function addTime(a: Assembler, name: VoOperationName, form: Form): void {
  a.push(eax);
  a.push(edx);
  a.rdtsc();
  a.sub(eax, mem32(esp, 2 * word));
  a.sbb(edx, mem32(esp, 3 * word));
  a.add(field(name, form, ticksOffset), eax);
  a.adc(field(name, form, ticksOffset + 4), edx);
  a.pop(edx);
  a.pop(eax);
  a.lea(esp, mem(esp, 2 * word));
}

/**
 * Both bodies of every operation that is a call: the metal function of the same name, between two looks at the time stamp counter. Interrupts
 * are off, so neither the record nor the time is anybody else's.
 */
export function meteredCalls(a: Assembler): void {
  // Keys of an object literal are strings to the type checker.
  for (const name of Object.keys(voOperations) as VoOperationName[]) {
    if (voOperations[name].discipline !== "off") continue;
    metered(a, name, "native");
    metered(a, name, "virtual");
  }
}

/** The arguments come in EAX, EDX and ECX and go on in them; there is no result. EBX and ESI are the caller's. */
function metered(a: Assembler, name: VoOperationName, form: Form): void {
  a.procedure(`${form}_${name}`);
  a.push(ebx);
  a.push(esi);
  a.push(eax);
  a.push(edx);
  a.rdtsc();
  a.mov(ebx, eax);
  a.mov(esi, edx);
  a.pop(edx);
  a.pop(eax);
  a.call(symbol(bodyName(name, form)));
  a.rdtsc();
  a.sub(eax, ebx);
  a.sbb(edx, esi);
  a.add(field(name, form, ticksOffset), eax);
  a.adc(field(name, form, ticksOffset + 4), edx);
  countUse(a, name, form);
  a.pop(esi);
  a.pop(ebx);
  a.ret();
}

/** Name of the metal function (metal/fits.ts): nativeMaskLine, virtualMaskLine. */
function bodyName(name: string, form: Form): string {
  return form + name.charAt(0).toUpperCase() + name.slice(1);
}
