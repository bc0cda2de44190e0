import { isVector, rows } from "@mercury/isa";
import { deviates } from "./deviations.ts";
import { hexBytes, headerDifferences } from "./pointers.ts";
import { DATA, ENDLESS, image, isRunners, REGION, type Case, type Outcome } from "./layout.ts";

const vectorNames: ReadonlySet<string> = new Set(rows.filter(isVector).map(({ mnemonic }) => mnemonic));

const names = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"] as const;
/** Status flags and DF: what a sequence may change. */
const COMPARED_FLAGS = 0xcd5;
const BREAKPOINT = 3;
const STACK_FAULT = 12;
const PROTECTION = 13;
const PAGE_FAULT = 14;
const ALIGNMENT = 17;
/** Instruction fetch, which is told only with NX (SDM 3A 4.7). */
const FETCH = 0x10;

const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");

/** What runs a sequence has memory of its own, and what the sequence does there is no difference of processors. */
export function reachesRunners({ trap, address }: Outcome): boolean {
  return trap === PAGE_FAULT && isRunners(address);
}

/** Data may not be executed on the host, which has NX. */
function runsData({ trap, error, address }: Outcome): boolean {
  return trap === PAGE_FAULT && (error & FETCH) !== 0 && address >= DATA && address < DATA + REGION;
}

/**
 * POPA that faults in the middle: some processors have loaded registers by then, ours never does. Likewise MASKMOVQ has put the
 * x87 unit into its MMX state on some.
 */
const partial = (one: Case, native: Outcome): boolean =>
  (native.trap === PAGE_FAULT && one.mnemonics.includes("popa")) || (native.trap !== BREAKPOINT && one.mnemonics.includes("maskmovq"));

/**
 * Alignment checks in two places that the manual leaves open. Of an operand over the end of the 4 GB some processors raise #SS or #GP first;
 * on ours addresses wrap (SDM 3A 5.3.1). And some want the stack that ENTER leaves to be aligned, where it only tries a write.
 */
const checksOtherwise = (one: Case, ours: Outcome, native: Outcome): boolean =>
  (ours.trap === ALIGNMENT && (native.trap === STACK_FAULT || native.trap === PROTECTION)) ||
  (native.trap === ALIGNMENT && one.mnemonics.includes("enter"));

/** What differs, one line each; empty when the two agree. */
export function differences(one: Case, ours: Outcome, native: Outcome): string[] {
  if (ours.trap === ENDLESS && native.trap === ENDLESS) return [];
  if (runsData(native) || checksOtherwise(one, ours, native) || partial(one, native) || deviates(one, ours)) return [];
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
  if (ours.trap === native.trap && ours.trap === PROTECTION) check("error", ours.error, native.error);
  for (const [name, from, size] of extendedParts) {
    if (equalBytes(ours.extended, native.extended, from, size)) continue;
    lines.push(`${name} ${hexBytes(ours.extended, from, size)} (host ${hexBytes(native.extended, from, size)})`);
  }
  check("memory", ours.checksum, native.checksum);
  return [...lines, ...headerDifferences(ours, native)];
}

/** Parts of the image of the state at the end that are compared: not the last x87 instruction and its operand, as the kernel saves them. */
const extendedParts: readonly (readonly [name: string, from: number, size: number])[] = [
  ["fcw", image.control, 2],
  ["fsw", image.status, 2],
  ["ftw", image.tags, 1],
  ["mxcsr", image.mxcsr, 4],
  ...Array.from({ length: 8 }, (_, number) => [`st${number}`, image.registers + number * 16, 10] as const),
  ...Array.from({ length: 8 }, (_, number) => [`xmm${number}`, image.xmm + number * 16, 16] as const),
];

function equalBytes(a: Uint8Array, b: Uint8Array, from: number, size: number): boolean {
  for (let at = from; at < from + size; at++) if (a[at] !== b[at]) return false;
  return true;
}

export function describeCase(one: Case): string {
  const registers = one.registers.map((value, number) => `${names[number]}=${hex(value)}`).join(" ");
  const code = Array.from(one.code, (byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .replace(/(cc)+$/, "");
  return `${one.mnemonics.join("; ")}\n  code ${code} at +${one.codeOffset.toString(16)}\n  ${registers} eflags=${hex(one.eflags)}${describeExtended(one)}`;
}

/** The vector state, where the sequence looks at it. */
function describeExtended({ extended, mnemonics }: Case): string {
  if (!mnemonics.some((name) => vectorNames.has(name) || /^(f|wait)/.test(name))) return "";
  const parts = extendedParts.map(([name, from, size]) => `${name}=${hexBytes(extended, from, size)}`);
  return `\n  ${parts.join(" ")}`;
}
