import { memoryMap } from "@mercury/abi";
import { Patient } from "./patient.ts";

/** Processor state that no register of the machine's interface shows, as software finds it. */

/** Low memory that is nobody's: the loader's data there has been copied. Code, and what it finds. */
const scratch = { code: 0x600, found: 0x800 } as const;
/** DR4 and DR5 are aliases (SDM 3B 17.2.2). */
const debugRegisters = [0, 1, 2, 3, 6, 7] as const;
/** IA32_APIC_BASE and IA32_SYSENTER_CS, ESP, EIP (SDM 4 table 2-2). */
const modelSpecific = [0x1b, 0x174, 0x175, 0x176] as const;
/** Override prefixes of ES, CS, SS and DS (SDM 2A 2.1.1): FS and GS are null, and an access through them faults. */
const overrides = { es: 0x26, cs: 0x2e, ss: 0x36, ds: 0x3e } as const;

const doubleword = (value: number): readonly number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
const linear = (physical: number): readonly number[] => doubleword(memoryMap.directMapBase + physical);

/** Instructions that put EAX, then EDX, into the next word of what is found. */
class Finder {
  readonly code: number[] = [];
  count = 0;

  #next(): readonly number[] {
    return linear(scratch.found + 4 * this.count++);
  }

  /** MOV EAX, DRn; MOV moffs32, EAX. */
  debugRegister(number: number): void {
    this.code.push(0x0f, 0x21, 0xc0 | (number << 3), 0xa3, ...this.#next());
  }

  /** MOV ECX, imm32; RDMSR; MOV moffs32, EAX; MOV m32, EDX. */
  modelSpecific(number: number): void {
    this.code.push(0xb9, ...doubleword(number), 0x0f, 0x32, 0xa3, ...this.#next(), 0x89, 0x15, ...this.#next());
  }

  /** MOV EAX, segment:moffs32; MOV moffs32, EAX. A base that is not 0 reads elsewhere; a limit that ends below faults. */
  through(override: number, address: number): void {
    this.code.push(override, 0xa1, ...doubleword(address), 0xa3, ...this.#next());
  }
}

/**
 * Debug registers, model-specific registers, and what is read through each segment at the kernel's record and in the VMM's reserve, behind the limit of ring 1.
 * The machine stands in the kernel natively, and its registers are lost.
 */
export function hiddenState(patient: Patient): readonly number[] {
  const finder = new Finder();
  for (const number of debugRegisters) finder.debugRegister(number);
  for (const number of modelSpecific) finder.modelSpecific(number);
  for (const override of Object.values(overrides)) {
    finder.through(override, memoryMap.sharedPage);
    finder.through(override, memoryMap.vmmBase);
  }
  const start = memoryMap.directMapBase + scratch.code;
  patient.cpu.writePhysical(scratch.code, Uint8Array.from([...finder.code, 0x90]));
  if (patient.cpu.debug?.setRegister("eip", start) !== true) Patient.fail("EIP cannot be set");
  patient.stepUntil(() => patient.registers.eip === start + finder.code.length, 10_000);
  return Array.from({ length: finder.count }, (_, index) => patient.word(scratch.found + 4 * index));
}
