/** Runs instructions on the host's processor, as a 32-bit user program of Linux. */
import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "../src/encode.ts";
import { haveBinutils, inFolder } from "./binutils.ts";

/** What PUSHF and then PUSHA lay down, from the lowest address. */
const fields = ["edi", "esi", "ebp", "esp", "ebx", "edx", "ecx", "eax", "flags"] as const;

/** Registers and EFLAGS before or after; ESP is neither loaded nor told. */
export type State = Readonly<Record<(typeof fields)[number], number>>;

/** Code to run from a state. It must fall through and leave memory alone, except for {@link SCRATCH}. */
export interface Trial {
  readonly code: Uint8Array;
  readonly before: State;
}

const STATE_BYTES = fields.length * 4;
const CODE = 0x0804_8000;
const INPUT = 0x2000_0000;
const OUTPUT = 0x3000_0000;
/** Address of 8 KB that trials may read and write. */
export const SCRATCH = 0x4000_1000;

/** Whether 32-bit programs run here. With CI set, it is an error if they do not. */
export function haveProcessor(): boolean {
  if (!haveBinutils()) return false;
  try {
    run([{ code: encode("nop").bytes, before: stateOf(new Uint32Array(fields.length)) }]);
    return true;
  } catch (error) {
    if (process.env["CI"] !== undefined) throw error;
    console.warn(`skipped: this machine does not run 32-bit x86 programs (${String(error)})`);
    return false;
  }
}

/**
 * The states after each trial.
 * @throws Error if the program could not be built or was ended by a signal: some trial faulted
 */
export function run(trials: readonly Trial[]): State[] {
  const input = new Uint32Array(trials.flatMap(({ before }) => fields.map((field) => before[field])));
  const code = Buffer.concat(trials.map(({ code: bytes }, at) => trialCode(bytes, at)));
  const source = `.globl _start
_start:
${bytesText(code)}
cld
mov $4, %eax # write(1, output, length)
mov $1, %ebx
mov $${OUTPUT}, %ecx
mov $${trials.length * STATE_BYTES}, %edx
int $0x80
mov $1, %eax # exit(0)
xor %ebx, %ebx
int $0x80
.section .input, "aw"
${bytesText(new Uint8Array(input.buffer))}
.section .output, "aw", @nobits
.space ${trials.length * STATE_BYTES}
.section .scratch, "aw", @nobits
.space 0x2000
`;
  const output = inFolder((folder) => execute(folder, source));
  return trials.map((_, at) => stateOf(output.subarray(at * fields.length)));
}

function stateOf(words: Uint32Array): State {
  const [edi = 0, esi = 0, ebp = 0, , ebx = 0, edx = 0, ecx = 0, eax = 0, flags = 0] = words;
  return { edi, esi, ebp, esp: 0, ebx, edx, ecx, eax, flags };
}

function bytesText(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 64) lines.push(`.byte ${bytes.subarray(at, at + 64).join(",")}`);
  return lines.join("\n");
}

/** ESP walks over the state, so that neither a register nor a flag is lost for an address. */
function trialCode(code: Uint8Array, at: number): Uint8Array {
  const load = [stackAt(INPUT + at * STATE_BYTES), encode("popa").bytes, encode("popf").bytes];
  const store = [stackAt(OUTPUT + (at + 1) * STATE_BYTES), encode("pushf").bytes, encode("pusha").bytes];
  return Buffer.concat(load.concat(code, store));
}

function stackAt(address: number): Uint8Array {
  const operands = [
    { kind: "register", register: "esp" },
    { kind: "immediate", value: address },
  ] as const;
  return encode("mov", operands).bytes;
}

function execute(folder: string, source: string): Uint32Array {
  const path = (name: string): string => join(folder, name);
  writeFileSync(path("trial.s"), source);
  const hex = (address: number): string => `0x${address.toString(16)}`;
  const sections = Object.entries({ ".text": CODE, ".input": INPUT, ".output": OUTPUT, ".scratch": SCRATCH - 0x1000 });
  const places = sections.map(([name, address]) => `--section-start=${name}=${hex(address)}`);
  call("as", ["--32", "-o", path("trial.o"), path("trial.s")]);
  call("ld", ["-m", "elf_i386", ...places, "-o", path("trial"), path("trial.o")]);
  const file = openSync(path("output"), "w");
  const { status, signal, error } = spawnSync(path("trial"), [], { stdio: ["ignore", file, "ignore"] });
  closeSync(file);
  if (status !== 0) throw new Error(`the trial program ended with ${signal ?? status ?? String(error)}`);
  const bytes = readFileSync(path("output"));
  return new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function call(tool: string, options: readonly string[]): void {
  const { status, stderr, error } = spawnSync(tool, options, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${tool}: ${stderr || String(error)}`);
}
