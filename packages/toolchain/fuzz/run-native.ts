import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { placeArguments } from "./arguments.ts";
import { nativeBases, partSize, type Linked } from "./link.ts";
import { outcomeOf } from "./outcome.ts";
import type { Call, Outcome, Program } from "./program.ts";

const page = 4096;
/** Bytes that the loader answers to a call. */
const callAnswer = 12;
const hashAnswer = 4;

let loader: string | undefined;

/** Builds the loader once per process; undefined when there is no compiler for 32-bit programs. */
export function nativeLoader(): string | undefined {
  if (loader !== undefined) return loader;
  const output = join(mkdtempSync(join(tmpdir(), "mercury-fuzz-")), "loader");
  const source = fileURLToPath(new URL("loader.c", import.meta.url));
  const built = spawnSync("gcc", ["-m32", "-O1", "-static", "-no-pie", "-o", output, source]);
  if (built.status !== 0 || !existsSync(output)) return undefined;
  loader = output;
  process.once("exit", () => rmSync(dirname(output), { recursive: true, force: true }));
  return loader;
}

/** What is missing to run generated code natively; null when nothing is. */
export function missingLoader(): string | null {
  return nativeLoader() === undefined ? "gcc -m32 -static makes no program here (Debian package gcc-multilib)" : null;
}

/** A linked program with the calls to make. */
export interface NativeRun {
  readonly program: Program;
  readonly linked: Linked;
}

/** Runs programs' calls as IA-32 code, all in one 32-bit process; each program finds fresh memory. */
export function runNative(runs: readonly NativeRun[]): Outcome[][] {
  const path = nativeLoader();
  if (path === undefined) throw new Error("no native loader: gcc with -m32 is needed (Debian: gcc-multilib)");
  const commands = new Commands();
  for (const run of runs) commands.program(run);
  const output = execFileSync(path, { input: commands.bytes(), maxBuffer: 1 << 28 });
  let offset = 0;
  return runs.map(({ program, linked }) => {
    if (linked.start !== null) offset += callAnswer;
    return program.calls.map((call) => {
      const outcome = outcomeAt(output, offset, call);
      offset += callAnswer + hashAnswer;
      return outcome;
    });
  });
}

function outcomeAt(output: Buffer, offset: number, call: Call): Outcome {
  const [kind = 0, low = 0, high = 0, memory = 0] = [0, 4, 8, 12].map((at) => output.readUInt32LE(offset + at));
  return outcomeOf(call, kind, low, high, memory);
}

/** The loader's command stream. */
class Commands {
  private readonly parts: Uint8Array[] = [];

  private put(letter: string, ...numbers: number[]): void {
    const buffer = Buffer.alloc(1 + numbers.length * 4);
    buffer.write(letter, 0, "latin1");
    numbers.forEach((number, index) => buffer.writeUInt32LE(number >>> 0, 1 + index * 4));
    this.parts.push(buffer);
  }

  program({ program, linked }: NativeRun): void {
    const { address, length } = program.memory;
    const ranges = [
      [nativeBases.text, partSize],
      [nativeBases.cells, partSize],
      [address & -page, length + 2 * page],
    ] as const;
    for (const [start, size] of ranges) this.map(start, size);
    for (const segment of linked.segments) this.copy(segment.address, segment.bytes);
    if (linked.start !== null) this.call(linked.start, { name: "start", args: [], result: null });
    for (const call of program.calls) {
      this.call(linked.symbols.get(call.name) ?? 0, call);
      this.hash(address, length);
    }
  }

  private map(address: number, length: number): void {
    this.put("M", address, Math.ceil(length / page) * page);
  }

  private copy(address: number, bytes: Uint8Array): void {
    this.put("S", address, bytes.length);
    this.parts.push(bytes);
  }

  private call(entry: number, call: Call): void {
    const { registers, words } = placeArguments(call);
    const [eax = 0, ecx = 0, edx = 0] = registers;
    this.put("C", entry, eax, edx, ecx, words.length, ...words);
  }

  private hash(address: number, length: number): void {
    this.put("H", address, length);
  }

  bytes(): Buffer {
    return Buffer.concat(this.parts);
  }
}
