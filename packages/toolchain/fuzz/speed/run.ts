/**
 * Speed of the back end's code against `gcc -m32 -O2`, on kernels.as and kernels.c. Prints a table; exits with 1 when a kernel's results
 * differ. Needs gcc -m32 and a runner for TypeScript, as campaign.ts does:
 *
 *   node fuzz/speed/run.ts
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileModule } from "../../src/backend/index.ts";
import { compileSource } from "../compile.ts";
import { link } from "../link.ts";

const kernels = ["sha256", "sort", "fnv", "list", "xorshift", "copy", "divide", "fibonacci", "lexer"];

const place = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

function words(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => buffer.writeUInt32LE(value >>> 0, index * 4));
  return buffer;
}

const wasm = await compileSource(readFileSync(place("kernels.as"), "utf8"), 3);
const { segments, symbols } = link(compileModule(wasm, { lowerImport: () => undefined }));
const input = Buffer.concat([
  ...segments.filter(({ bytes }) => bytes.length > 0).flatMap(({ address, bytes }) => [words(address, bytes.length), bytes]),
  words(0, 0),
  words(...["initialise", ...kernels].map((name) => symbols.get(name) ?? 0)),
]);

const folder = mkdtempSync(join(tmpdir(), "mercury-speed-"));
try {
  const timer = join(folder, "timer");
  execFileSync("gcc", ["-m32", "-O2", "-no-pie", "-Wno-int-to-pointer-cast", "-o", timer, place("timer.c"), place("kernels.c")]);
  const rows = execFileSync(timer, { input, encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
  for (const [name = "", ours = "", theirs = "", agreement = ""] of rows) {
    const ratio = (Number(ours) / Number(theirs)).toFixed(2);
    console.log(`${name.padEnd(10)} ${ours.padStart(9)} ms  gcc ${theirs.padStart(9)} ms  ratio ${ratio}  ${agreement}`);
    if (agreement !== "same") process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}
