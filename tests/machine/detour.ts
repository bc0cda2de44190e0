import { memoryMap } from "@mercury/abi";
import { Patient } from "./patient.ts";

const jumpLength = 5;
/** Low memory that is nobody's: the loader's data there has been copied. */
const scratch = 0x600;

/** CALL or JMP rel32 at an address (SDM 2A). */
export function relative(opcode: number, at: number, target: number): readonly number[] {
  const distance = target - (at + jumpLength);
  return [opcode, ...[0, 8, 16, 24].map((shift) => (distance >> shift) & 0xff)];
}

/**
 * Makes the kernel, which stands somewhere in its own code, do something that no code of its does, and then go on where it was, with all general registers as
 * they were. `body` gives the instructions for the address at which they will stand. The machine is left at the first of them.
 */
export function detour(patient: Patient, body: (at: number) => readonly number[]): void {
  const resume = patient.registers.eip;
  const place = patient.physical(resume);
  const saved = patient.machine.ram.slice(place, place + jumpLength);
  const start = memoryMap.directMapBase + scratch;
  // PUSHA, the body, POPA, JMP back.
  const code = [0x60, ...body(start + 1), 0x61];
  patient.cpu.writePhysical(scratch, Uint8Array.from([...code, ...relative(0xe9, start + code.length, resume)]));
  patient.cpu.writePhysical(place, Uint8Array.from(relative(0xe9, resume, start)));
  patient.step();
  patient.cpu.writePhysical(place, saved);
  if (patient.registers.eip !== start) Patient.fail("something came in between");
}
