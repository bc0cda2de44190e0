import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeCpio } from "@mercury/guest-os";
import type { Runner } from "@mercury/machine";
import { interpreter } from "@mercury/x86";
import { afterAll, beforeAll, expect, test } from "vitest";
import { debianAvailable, unpackBusybox } from "./debian/packages.ts";
import { machines, onEach, qemu, x86 } from "./machines.ts";
import { keyed } from "./report.ts";
import { session } from "./session.ts";
import { compile32, requireProgram } from "./tools.ts";

/** x87, MMX and SSE registers belong to the program that uses them: through task switches, mode switches, signals, fork and exec. */

const source = fileURLToPath(new URL("programs/float.c", import.meta.url));
/** The entry that saves the registers before the C library has run. */
const options = ["-static", "-O1", "-msse2", "-Wl,-e,begin"];
let folder = "";
/** What the host's compiler said; null: the program is there. */
let trouble: string | null = null;
let disk: Uint8Array = new Uint8Array(0);

const entry = (path: string, contents: Uint8Array): Parameters<typeof writeCpio>[0][number] => ({
  path,
  mode: 0o100755,
  contents,
  inode: 0,
  links: 1,
});

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mercury-float-"));
  const program = join(folder, "float");
  trouble = compile32(source, program, ...options);
  if (trouble === null) disk = writeCpio([entry("float", readFileSync(program))]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sseExceptions = `sse 1/0 FLTDIV
sse 0/0 FLTINV
sse 1e300/1e-300 FLTOVF
sse 1e-300/1e300 FLTUND
sse 1/3 FLTRES
sse masked ?
`;

/** What the program prints; `sse`: the lines of SSE's exceptions. */
const told = (sse: string): string => `capabilities complete
pi 3.141592653589793, e 2.718281828459045
signals ok
a state out of reach: killed
x87 1/0 FLTDIV
x87 0/0 FLTINV
x87 1e300 FLTOVF
x87 1e-300 FLTUND
x87 1/3 FLTRES
x87 masked ?
${sse}integer INTDIV
sent 0
fork keeps, gives
exec clean
`;

const roundTrips = 50;

onEach(machines, (runner) => {
  // QEMU's software CPU raises no exceptions of SSE.
  const [program, output] = runner === qemu ? ["/float x87", told("")] : ["/float", told(sseExceptions)];

  test("a program computes, and its signals, children and successors have the registers that they should", async (context) => {
    requireProgram(context, trouble);
    const lines = [program, "echo virtual > /proc/mercury/mode", program, "poweroff"];
    const { answers } = await session(runner, { modules: [disk], lines, limit: 300 });
    expect([answers[0], answers[2]]).toEqual([output, output]);
    const first = await session(runner, { machine: { mode: "always-on" }, modules: [disk], lines: [program, "poweroff"], limit: 300 });
    expect(first.answers[0]).toBe(output);
  });

  test("neither switches of mode nor other programs change a register", async (context) => {
    requireProgram(context, trouble);
    const crowd = "while grep -q running /proc/mercury/storm; do /float crowd 150; done";
    const lines = ["/float switch", `echo ${roundTrips} 5 > /proc/mercury/storm; ${crowd}`, "cat /proc/mercury/storm", "poweroff"];
    const { answers } = await session(runner, { modules: [disk], lines, limit: 600 });
    expect(answers[0]).toBe("switch ok\n");
    expect(new Set(answers[1]?.trim().split("\n"))).toEqual(new Set(["crowd 0"]));
    expect(keyed(answers[2] ?? "")).toMatchObject({ state: "idle", done: String(roundTrips), failed: "0" });
  });
});

/** Our own machine without some features of its processor. */
function without(name: string, ...hide: readonly ("FXSR" | "SSE" | "SSE2")[]): Runner {
  const runner = x86({ icount: true });
  const cpu: typeof interpreter = { ...interpreter, create: (options) => interpreter.create({ ...options, hide }) };
  return { ...runner, name, start: async (request) => runner.start({ ...request, cpu }) };
}

test("without FXSAVE there is no floating point: the program's first instruction of that kind is illegal", async (context) => {
  requireProgram(context, trouble);
  const lines = ["/float; echo status $?", "cat /proc/cpuinfo", "poweroff"];
  const { answers } = await session(without("x86 without FXSAVE", "FXSR", "SSE", "SSE2"), { modules: [disk], lines, limit: 300 });
  expect(answers[0]).toMatch(/status 132\n$/);
  expect(answers[1]).toMatch(/^fpu\t\t: no$/m);
  expect(answers[1]).not.toMatch(/ (fpu|mmx|fxsr|sse)/);
});

/** Newton's method, with awk's doubles. */
const newton = `awk 'BEGIN { x = 1; for (i = 0; i < 20; i++) x = (x + 2 / x) / 2; printf "%.15f %g %e\\n", x, 355 / 113, 1e300 / 7 }'`;

test.skipIf(!debianAvailable()).each([x86({ icount: true }), without("x86 without SSE", "SSE", "SSE2"), qemu])(
  "Debian's awk computes as it does on Linux, on $name",
  async (runner) => {
    const busybox = unpackBusybox(folder);
    const modules = [writeCpio([entry("busybox", readFileSync(busybox))])];
    const expected = spawnSync("sh", ["-c", `${busybox} ${newton}`], { encoding: "latin1" });
    expect(expected.status).toBe(0);
    const { answers } = await session(runner, { modules, lines: [`/busybox ${newton}`, "poweroff"], limit: 300 });
    expect(answers[0]).toBe(expected.stdout);
  },
);
