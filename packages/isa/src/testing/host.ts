import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CODE, INPUT, OUTPUT, type Program, programOf, type State, statesOf } from "./trial.ts";

/** Whether 32-bit x86 programs can be built and run here. With CI set, it is an error if they can not. */
export function haveHostProcessor(): boolean {
  try {
    runOnHost(programOf([]));
    return true;
  } catch (error) {
    if (process.env["CI"] !== undefined) throw error;
    console.warn(`skipped: needs binutils and a machine that runs 32-bit x86 programs (${String(error)})`);
    return false;
  }
}

/**
 * Runs a program of trials as a 32-bit process of Linux.
 * @returns the states after the trials
 * @throws Error if the program could not be built, or was ended by a signal: some trial faulted
 */
export function runOnHost(program: Program): State[] {
  const folder = mkdtempSync(join(tmpdir(), "trials-"));
  try {
    const bytes = execute(folder, program);
    const size = program.input.length;
    return statesOf(bytes.subarray(0, size), bytes.subarray(size));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function execute(folder: string, program: Program): Uint8Array {
  const path = (name: string): string => join(folder, name);
  writeFileSync(path("code"), program.code);
  writeFileSync(path("input"), program.input);
  writeFileSync(path("trials.s"), sourceOf(program.input.length, path("code"), path("input")));
  call("as", ["--32", "-o", path("trials.o"), path("trials.s")]);
  const sections = Object.entries({ ".text": CODE, ".input": INPUT, ".output": OUTPUT });
  const places = sections.map(([name, address]) => `--section-start=${name}=0x${address.toString(16)}`);
  call("ld", ["-m", "elf_i386", ...places, "-o", path("trials"), path("trials.o")]);
  const result = openSync(path("result"), "w");
  const { status, signal, error } = spawnSync(path("trials"), [], { stdio: ["ignore", result, "ignore"] });
  closeSync(result);
  if (status !== 0) throw new Error(`the trial program ended with ${signal ?? status ?? String(error)}`);
  return new Uint8Array(readFileSync(path("result")));
}

/** The program, then write(1) of what it left at INPUT and OUTPUT, then exit(0). */
function sourceOf(size: number, code: string, input: string): string {
  const write = (address: number): string => `mov $4, %eax; mov $1, %ebx; mov $${address}, %ecx; mov $${size}, %edx; int $0x80`;
  return `.globl _start
_start:
.incbin "${code}"
${write(INPUT)}
${write(OUTPUT)}
mov $1, %eax; xor %ebx, %ebx; int $0x80
.section .input, "aw"
.incbin "${input}"
.section .output, "aw", @nobits
.space ${size}
`;
}

function call(tool: string, options: readonly string[]): void {
  const { status, stderr, error } = spawnSync(tool, options, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${tool}: ${stderr || String(error)}`);
}
