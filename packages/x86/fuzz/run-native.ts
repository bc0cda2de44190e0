import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CODE_BYTES, EXTENDED, HEADER, POINTERS, WINDOW, type Case, type Outcome } from "./layout.ts";

const INPUT_BYTES = 40 + CODE_BYTES + WINDOW + EXTENDED;
const OUTPUT_BYTES = 56 + WINDOW + EXTENDED + POINTERS + HEADER;

function encodeCase(view: DataView, bytes: Uint8Array, at: number, { registers, eflags, codeOffset, code, window, extended }: Case): void {
  for (const [number, value] of registers.entries()) view.setInt32(at + number * 4, value, true);
  view.setInt32(at + 32, eflags, true);
  view.setInt32(at + 36, codeOffset, true);
  bytes.set(code, at + 40);
  bytes.set(window, at + 40 + CODE_BYTES);
  bytes.set(extended, at + 40 + CODE_BYTES + WINDOW);
}

function decodeOutcome(view: DataView, bytes: Uint8Array, at: number): Outcome {
  const word = (index: number): number => view.getUint32(at + index * 4, true);
  let offset = at + 56;
  const next = (size: number): Uint8Array => bytes.slice(offset, (offset += size));
  return {
    registers: Array.from({ length: 8 }, (_, number) => word(number)),
    eip: word(8),
    eflags: word(9),
    trap: word(10),
    error: word(11),
    address: word(12),
    checksum: word(13),
    window: next(WINDOW),
    extended: next(EXTENDED),
    pointers: next(POINTERS),
    header: next(HEADER),
  };
}

/** The host processor, in a 32-bit process. `close` removes the program. */
export class NativeRunner {
  readonly #directory: string;
  readonly #program: string;

  private constructor(directory: string, program: string) {
    this.#directory = directory;
    this.#program = program;
  }

  /** Builds the program; undefined when there is no 32-bit C compiler or the host does not run its output. */
  static create(): NativeRunner | undefined {
    const directory = mkdtempSync(join(tmpdir(), "x86-native-"));
    const program = join(directory, "native");
    const source = fileURLToPath(new URL("native.c", import.meta.url));
    const built = spawnSync("gcc", ["-m32", "-O1", "-static", "-no-pie", "-o", program, source]);
    const runner = new NativeRunner(directory, program);
    if (built.status === 0 && spawnSync(program, { input: "" }).status === 0) return runner;
    runner.close();
    return undefined;
  }

  run(cases: readonly Case[]): Outcome[] {
    const input = new Uint8Array(cases.length * INPUT_BYTES);
    const view = new DataView(input.buffer);
    for (const [index, one] of cases.entries()) encodeCase(view, input, index * INPUT_BYTES, one);
    const { stdout, status, signal } = spawnSync(this.#program, {
      input,
      maxBuffer: cases.length * OUTPUT_BYTES + 65536,
      timeout: 600_000,
    });
    if (status !== 0)
      throw new Error(`the 32-bit process ended with ${status ?? signal} after ${stdout.length / OUTPUT_BYTES} of ${cases.length} cases`);
    const bytes = new Uint8Array(stdout);
    const results = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return cases.map((_, index) => decodeOutcome(results, bytes, index * OUTPUT_BYTES));
  }

  close(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
