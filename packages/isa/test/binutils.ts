import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether the GNU assembler and objdump for x86 are there. With CI set, a missing tool is an error. */
export function haveBinutils(): boolean {
  const missing = ["as", "objdump", "objcopy"].filter((tool) => spawnSync(tool, ["--version"]).status !== 0);
  if (missing.length > 0 && process.env["CI"] !== undefined) throw new Error(`binutils is needed: no ${missing.join(", ")}`);
  if (missing.length > 0) console.warn(`skipped: no ${missing.join(", ")}; install binutils`);
  return missing.length === 0;
}

/** Work in a folder that is gone afterwards. */
export function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "isa-"));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const MAXIMUM_OUTPUT = 512 << 20;

/** One line of objdump. */
export interface Dumped {
  readonly length: number;
  readonly text: string;
}

/** objdump's reading of code, by address. Linear sweep: one wrong length shifts all that follows, up to chance. */
export function dump(code: Uint8Array, bits: 16 | 32, syntax: "intel" | "att"): Map<number, Dumped> {
  const machine = bits === 32 ? "i386" : "i8086";
  const output = inFolder((folder) => {
    const path = join(folder, "code");
    writeFileSync(path, code);
    const options = ["-D", "-w", "-z", "--insn-width=16", "-b", "binary", "-m", "i386", "-M", `${machine},${syntax}`, path];
    return execFileSync("objdump", options, { encoding: "utf8", maxBuffer: MAXIMUM_OUTPUT });
  });
  const lines = new Map<number, Dumped>();
  for (const line of output.split("\n")) {
    const [address, hex, text] = line.split("\t");
    if (address === undefined || hex === undefined || !address.endsWith(":")) continue;
    const length = hex.trim().split(/\s+/).length;
    lines.set(Number.parseInt(address, 16), { length, text: (text ?? "").trim() });
  }
  return lines;
}

/**
 * Assembles each line on its own.
 * @returns the bytes of each line
 * @throws Error with the assembler's messages if it refuses a line
 */
export function assemble(lines: readonly string[], bits: 16 | 32, syntax: "intel" | "att"): Uint8Array[] {
  // Each line is followed by its length, so that the flat output can be taken apart again.
  const source = lines.map((line, at) => `b${at}:\n${line}\ne${at}:\n.section .lengths\n.byte e${at} - b${at}\n.text`);
  return inFolder((folder) => {
    const { messages } = runAssembler(folder, source.join("\n"), bits, syntax);
    if (messages !== "") throw new Error(explain(messages, source.join("\n").split("\n")));
    const section = (name: string): Uint8Array => {
      const path = join(folder, name);
      execFileSync("objcopy", ["-O", "binary", "-j", name, "--set-section-flags", `${name}=alloc`, join(folder, "code.o"), path]);
      return new Uint8Array(readFileSync(path));
    };
    return split(section(".text"), section(".lengths"));
  });
}

/** Whether the assembler takes each line. */
export function accepts(lines: readonly string[], bits: 16 | 32, syntax: "intel" | "att"): boolean[] {
  const { messages } = inFolder((folder) => runAssembler(folder, lines.join("\n"), bits, syntax));
  const refused = new Set(Array.from(messages.matchAll(/:(\d+): Error/g), ([, line]) => Number(line)));
  return lines.map((_, at) => !refused.has(at + 1));
}

/** Lines of the source count from 1: what has to stand before them shares the first. */
function runAssembler(folder: string, source: string, bits: 16 | 32, syntax: "intel" | "att"): { messages: string } {
  const path = join(folder, "code.s");
  writeFileSync(path, `${syntax === "intel" ? ".intel_syntax noprefix; " : ""}.code${bits}; .text; ${source}\n`);
  const { status, stderr } = spawnSync("as", ["--32", "-o", join(folder, "code.o"), path], {
    encoding: "utf8",
    maxBuffer: MAXIMUM_OUTPUT,
  });
  return { messages: status === 0 ? "" : stderr };
}

function split(text: Uint8Array, lengths: Uint8Array): Uint8Array[] {
  let at = 0;
  return Array.from(lengths, (length) => {
    at += length;
    return text.slice(at - length, at);
  });
}

/** The assembler's messages with the lines that they are about. */
function explain(messages: string, source: readonly string[]): string {
  const lines = messages.split("\n").filter((line) => /:\d+: Error/.test(line));
  return (
    lines
      .slice(0, 20)
      .map((line) => `${line} | ${source[Number(/:(\d+):/.exec(line)?.[1]) - 1] ?? ""}`)
      .join("\n") || messages
  );
}
