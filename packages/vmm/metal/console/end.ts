import { VmmFrame } from "@mercury/abi/metal";
import { cstr, disableInterrupts, halt, out16, out8, readCr2, readCr3 } from "@mercury/toolchain/metal";
import { currentDirectory, landed } from "../domains/first";
import { refusedDetail } from "../tables/refusal";
import { drain } from "./serial";
import { print, printField, putCharacter } from "./log";

/** What the machine's exit byte says (README: exit codes). */
const EXIT_DOMAIN_ENDED: u32 = 102;
const EXIT_OWN_FAULT: u32 = 103;

const EXIT_PORT: u32 = 0xf4;
/** PM1a control of QEMU's PIIX4 and of our board: SLP_EN and S5 (ACPI 4.8.3.2.1). */
const ACPI_CONTROL: u32 = 0x604;
const ACPI_POWER_OFF: u32 = 0x2000;
/** Bochs ends when this word arrives here. */
const BOCHS_POWER: u32 = 0x8900;

function powerOff(code: u32): void {
  drain();
  out8(EXIT_PORT, code);
  out16(ACPI_CONTROL, ACPI_POWER_OFF);
  const word = cstr`Shutdown`;
  for (let at = word; load<u8>(at) != 0; at++) out8(BOCHS_POWER, load<u8>(at));
  disableInterrupts();
  while (true) halt();
}

function printFrame(frame: VmmFrame): void {
  printField(cstr`eip`, frame.eip);
  printField(cstr`cs`, frame.cs);
  printField(cstr`flags`, frame.flags);
  printField(cstr`vector`, frame.vector);
  printField(cstr`error`, frame.error);
  putCharacter(0x0a);
  print(cstr`vmm:`);
  printField(cstr`eax`, frame.eax);
  printField(cstr`ebx`, frame.ebx);
  printField(cstr`ecx`, frame.ecx);
  printField(cstr`edx`, frame.edx);
  printField(cstr`esi`, frame.esi);
  printField(cstr`edi`, frame.edi);
  printField(cstr`ebp`, frame.ebp);
  putCharacter(0x0a);
  print(cstr`vmm:`);
  printField(cstr`cr2`, readCr2());
  printField(cstr`cr3`, readCr3());
  printField(cstr`directory`, currentDirectory);
  printField(cstr`landed`, u32(landed));
  printField(cstr`detail`, refusedDetail);
}

/** The first domain cannot go on: says why and turns the machine off. Does not return. */
export function endDomain(reason: usize, frame: VmmFrame): void {
  print(cstr`\nvmm: the first domain ends: `);
  print(reason);
  printField(cstr`esp`, frame.esp);
  printFrame(frame);
  putCharacter(0x0a);
  powerOff(EXIT_DOMAIN_ENDED);
}

/** The VMM itself has gone wrong: says where and turns the machine off. Does not return. */
export function failSelf(reason: usize, frame: VmmFrame): void {
  print(cstr`\nvmm: fault in the VMM: `);
  print(reason);
  printFrame(frame);
  putCharacter(0x0a);
  powerOff(EXIT_OWN_FAULT);
}

/** The same, where there is no frame. */
export function failWithout(reason: usize, eip: u32, esp: u32): void {
  print(cstr`\nvmm: fault in the VMM: `);
  print(reason);
  printField(cstr`eip`, eip);
  printField(cstr`esp`, esp);
  printField(cstr`cr2`, readCr2());
  putCharacter(0x0a);
  powerOff(EXIT_OWN_FAULT);
}
