import { CODE, DATA, REGION, type Case, type Outcome } from "./layout.ts";

const names = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"] as const;
/** Status flags and DF: what a sequence may change. */
const COMPARED_FLAGS = 0xcd5;
const PAGE_FAULT = 14;
/** Instruction fetch, which is told only with NX (SDM 3A 4.7). */
const FETCH = 0x10;

/** A page is there, but not for this. */
const PRESENT = 1;

const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");

/** A 32-bit process has memory of its own that the sequence may hit: no difference of processors. */
function hitsProcess(ours: Outcome, native: Outcome): boolean {
  if (ours.trap !== PAGE_FAULT) return false;
  const at = ours.address;
  const inside = (base: number): boolean => at >= base - REGION && at < base + 2 * REGION;
  const same = native.trap === PAGE_FAULT && native.address === at && ((native.error | ours.error) & PRESENT) === 0;
  return !inside(CODE) && !inside(DATA) && !same;
}

/** Data may not be executed on the host, which has NX. */
function runsData({ trap, error, address }: Outcome): boolean {
  return trap === PAGE_FAULT && (error & FETCH) !== 0 && address >= DATA && address < DATA + REGION;
}

/** POPA that faults in the middle: some processors have loaded registers by then, ours never does. */
const partial = (one: Case, native: Outcome): boolean => native.trap === PAGE_FAULT && one.mnemonics.includes("popa");

/** What differs, one line each; empty when the two agree. */
export function differences(one: Case, ours: Outcome, native: Outcome): string[] {
  if (hitsProcess(ours, native) || runsData(native) || partial(one, native)) return [];
  const lines: string[] = [];
  const check = (what: string, a: number, b: number): void => {
    if (a >>> 0 !== b >>> 0) lines.push(`${what} ${hex(a)} (host ${hex(b)})`);
  };
  check("trap", ours.trap, native.trap);
  check("eip", ours.eip, native.eip);
  for (const [number, name] of names.entries()) check(name, ours.registers[number] ?? 0, native.registers[number] ?? 0);
  // After a fault the flags are those of an instruction in the middle, whose undefined ones are not known.
  const mask = COMPARED_FLAGS & ~one.undefinedFlags;
  if (ours.trap === 3) check("eflags", ours.eflags & mask, native.eflags & mask);
  if (ours.trap === native.trap && ours.trap === PAGE_FAULT) {
    check("address", ours.address, native.address);
    check("error", ours.error, native.error & ~FETCH);
  }
  if (ours.trap === native.trap && ours.trap === 13) check("error", ours.error, native.error);
  check("memory", ours.checksum, native.checksum);
  return lines;
}

export function describeCase(one: Case): string {
  const registers = one.registers.map((value, number) => `${names[number]}=${hex(value)}`).join(" ");
  const code = Array.from(one.code, (byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .replace(/(cc)+$/, "");
  return `${one.mnemonics.join("; ")}\n  code ${code} at +${one.codeOffset.toString(16)}\n  ${registers} eflags=${hex(one.eflags)}`;
}
