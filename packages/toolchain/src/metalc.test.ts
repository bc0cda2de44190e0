import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { metalc } from "./metalc.ts";
import { type ScratchPackage, scratchPackage } from "./testing/scratch.ts";
import { requireLinux386 } from "./testing/tools.ts";

const made: ScratchPackage[] = [];
afterEach(() => made.splice(0).forEach((scratch) => scratch.remove()));

const source = `
import { cstr, syscall3 } from "@mercury/toolchain/metal";
export function main(stack: usize): i32 {
  syscall3(4, 1, cstr\`hi\\n\`, 3);
  return 4;
}`;

function scratch(text: string): ScratchPackage {
  const scratched = scratchPackage("@acme/cli", { "metal/index.ts": text });
  made.push(scratched);
  return scratched;
}

async function run(...argv: string[]): Promise<{ code: number; out: string; error: string }> {
  let out = "";
  let error = "";
  const code = await metalc(argv, { out: (text) => (out += text), error: (text) => (error += text) });
  return { code, out, error };
}

describe("metalc", () => {
  test("checks modules, and says how many files they are", async () => {
    const { root } = scratch(source);
    const result = await run("check", root, "@acme/cli/metal");
    expect(result).toMatchObject({ code: 0, error: "" });
    expect(result.out).toMatch(/^ok: \d+ files\n$/);
  });

  test("checks a layer that calls others, which no image binds yet", async () => {
    const { root } = scratch("import { requestSwitch } from 'mercury:switch';\nexport function go(): i32 { return requestSwitch(1); }");
    expect(await run("check", root, "@acme/cli/metal")).toMatchObject({ code: 0, error: "" });
    expect((await run("list", root, "@acme/cli/metal")).out).toContain("call");
  });

  test("lists the machine code of one function", async () => {
    const { root } = scratch(source);
    const { code, out } = await run("list", root, "@acme/cli/metal", "--function", "main");
    expect(code).toBe(0);
    expect(out).toMatch(/^main:\n[^]*int 0x80\n[^]*ret\n/);
  });

  test("builds a program that runs", async (context) => {
    requireLinux386(context);
    const { root, path } = scratch(source);
    expect(await run("program", root, "@acme/cli/metal", "--out", path("program"), "-O", "3")).toMatchObject({ code: 0, error: "" });
    expect(spawnSync(path("program"), { encoding: "utf8" })).toMatchObject({ stdout: "hi\n", status: 4 });
  });

  test("gives refused code exit code 1, with file and line", async () => {
    const { root, path } = scratch("export function main(stack: usize): i32 {\n  return nothing;\n}");
    const { code, error } = await run("check", root, "@acme/cli/metal");
    expect(code).toBe(1);
    expect(error).toBe(`${path("metal/index.ts")}:2: AS2304: Cannot find name 'nothing'.\n`);
  });

  test("checks variables that interrupts share, when told the handlers", async () => {
    const { root, path } = scratch("let n: u32 = 0;\nexport function tick(): void { n++; }\nexport function now(): u32 {\n  return n;\n}");
    expect(await run("check", root, "@acme/cli/metal")).toMatchObject({ code: 0 });
    expect(await run("check", root, "@acme/cli/metal", "--handler", "tick", "--masked", "now")).toMatchObject({ code: 0 });
    const { code, error } = await run("check", root, "@acme/cli/metal", "--handler", "tick");
    expect(code).toBe(1);
    expect(error).toContain(`${path("metal/index.ts")}:4: `);
  });

  test("gives a program without main exit code 1", async () => {
    const { root, path } = scratch("export function other(): void {}");
    const { code, error } = await run("program", root, "@acme/cli/metal", "--out", path("program"));
    expect(code).toBe(1);
    expect(error).toContain('"main" is not defined (used by start)');
  });

  test("gives a file that cannot be written exit code 3", async () => {
    const { root, path } = scratch(source);
    const { code, error } = await run("program", root, "@acme/cli/metal", "--out", path("no/such/folder"));
    expect(code).toBe(3);
    expect(error).toBe(`metalc: ${path("no/such/folder")}: no such file or directory\n`);
  });

  test("gives a folder that cannot be read exit code 3", async () => {
    const { code, error } = await run("check", "nowhere", "x");
    expect(code).toBe(3);
    expect(error).toMatch(/nowhere: no such file or directory\n$/);
  });

  test("tells its usage to who asks for it", async () => {
    expect(await run("--help")).toMatchObject({ code: 0, error: "", out: expect.stringMatching(/^usage: metalc/) });
  });

  test("says so when there is no machine code of the function that it is to list", async () => {
    const { root } = scratch(source);
    const { code, out, error } = await run("list", root, "@acme/cli/metal", "--function", "mian");
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(error).toContain('no function "mian"');
  });

  test.each(["@acme/cli", "acme-cli"])("tells the line of an allocation in the package %s", async (name) => {
    const scratched = scratchPackage(name, { "metal/index.ts": "export function f(): u32 {\n  return new Array<u32>(5)[0];\n}" });
    made.push(scratched);
    const { code, error } = await run("check", scratched.root, `${name}/metal`);
    expect(code).toBe(1);
    expect(error).toContain(`${scratched.path("metal/index.ts")}:2: allocates a managed object`);
  });

  test("a reader of its output that has left gets no stack trace", async () => {
    const { root } = scratch(source);
    const child = spawn(process.execPath, [fileURLToPath(new URL("../dist/cli.js", import.meta.url)), "list", root, "@acme/cli/metal"]);
    child.stdout.destroy();
    let error = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (error += text));
    expect(await once(child, "close")).toEqual([3, null]);
    expect(error).toBe("metalc: standard output cannot be written: write EPIPE\n");
  });

  test.each([
    [["frob"], 'there is no command "frob"'],
    [[], "a command is missing"],
    [["check", "."], "needs a folder and a module"],
    [["check", ".", "x", "-O", "9"], "-O takes 0, 1, 2 or 3"],
    [["program", ".", "x"], "needs --out FILE"],
    [["check", "--frob"], "--frob"],
  ])("gives bad usage %j exit code 2 and the usage", async (argv, message) => {
    const { code, error } = await run(...argv);
    expect(code).toBe(2);
    expect(error).toContain(message);
    expect(error).toContain("usage: metalc");
  });
});
