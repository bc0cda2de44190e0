import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { memoryMap } from "@mercury/abi";
import { afterEach, describe, expect, test } from "vitest";
import { createAssembler } from "./assembler/block.ts";
import { symbol } from "./assembler/memory.ts";
import { eax, ebx, esp } from "./assembler/registers.ts";
import { writeElf } from "./link/elf.ts";
import { linkImage } from "./link/image.ts";
import type { CodeFunction } from "./object.ts";
import { compileProgram } from "./program.ts";
import { testKernel } from "./testing/kernel.ts";
import { type ScratchPackage, scratchPackage } from "./testing/scratch.ts";
import { requireLinux386, requireTool } from "./testing/tools.ts";

const made: ScratchPackage[] = [];
afterEach(() => made.splice(0).forEach((scratch) => scratch.remove()));

function scratch(text: string): ScratchPackage {
  const scratched = scratchPackage("@acme/program", { "metal/index.ts": text });
  made.push(scratched);
  return scratched;
}

/** `start` of a program: main gets the initial stack (argc, argv), its result is the exit status. */
function startStub(): readonly CodeFunction[] {
  const a = createAssembler();
  a.procedure("start");
  a.call(symbol("image.start"));
  a.mov(eax, esp);
  a.call(symbol("main"));
  a.mov(ebx, eax);
  a.mov(eax, 1); // exit
  a.int(0x80);
  return a.finish();
}

async function userProgram(text: string, optimise: 0 | 1 | 2 | 3): Promise<{ file: string }> {
  const { root, path } = scratch(text);
  const { program } = await compileProgram({
    roots: [root],
    entries: ["@acme/program/metal"],
    bindings: {},
    memoryBase: memoryMap.userDataBase,
    optimise,
    patchable: false,
  });
  const image = linkImage({
    name: "program",
    program,
    stubs: startStub(),
    textBase: memoryMap.userImageBase,
    dataBase: memoryMap.userDataBase,
    limit: memoryMap.userEnd,
    loadOffset: 0,
    entry: "start",
    siteTable: false,
    blobs: [],
  });
  const file = path("program.elf");
  writeFileSync(file, writeElf(image), { mode: 0o755 });
  return { file };
}

describe.each([0, 1, 3] as const)("a metal program at -O%i", (optimise) => {
  test("runs as a Linux i386 process", async (context) => {
    requireLinux386(context);
    const { file } = await userProgram(
      `
      import { cstr, syscall3 } from "@mercury/toolchain/metal";
      let calls: u32 = 40;
      function computed(): u32 { return load<u8>(cstr\`*\`); }
      const initialised = computed();
      const zeros = memory.data(65536);
      function length(text: usize): u32 { let n: u32 = 0; while (load<u8>(text + n) != 0) n++; return n; }
      function print(text: usize): void { syscall3(4, 1, text, length(text)); calls++; }
      export function main(stack: usize): i32 {
        print(cstr\`hello, \`);
        const first = load<usize>(stack, 8);
        print(first);
        store<u8>(zeros, 1, 65535);
        return calls + load<u8>(zeros, 65535) - 1 == 42 && initialised == 42 ? <i32>load<u32>(stack) : 99;
      }`,
      optimise,
    );
    const { stdout, status, error } = spawnSync(file, ["world", "x"], { encoding: "utf8" });
    expect(error).toBeUndefined();
    expect(stdout).toBe("hello, world");
    expect(status).toBe(3);
  });
});

test("the same sources at two places give the same bytes", async () => {
  const text = "let n: u32 = 1;\nexport function main(stack: usize): i32 { n += load<u8>(stack); return n; }";
  const build = async (): Promise<{ modules: Uint8Array; paths: Uint8Array }> => {
    const { program } = await compileProgram({
      roots: [scratch(text).root],
      entries: ["@acme/program/metal"],
      bindings: {},
      memoryBase: memoryMap.userDataBase,
      optimise: 1,
      patchable: false,
    });
    const image = linkImage({
      name: "program",
      program,
      stubs: startStub(),
      textBase: memoryMap.userImageBase,
      dataBase: memoryMap.userDataBase,
      limit: null,
      loadOffset: 0,
      entry: "start",
      siteTable: false,
      blobs: [],
    });
    return { modules: writeElf(image, { sources: "modules" }), paths: writeElf(image) };
  };
  const [one, other] = [await build(), await build()];
  expect(Buffer.from(one.modules).equals(other.modules)).toBe(true);
  expect(Buffer.from(one.paths).equals(other.paths)).toBe(false);
  expect(Buffer.from(one.modules).includes("@acme/program/metal/index.ts")).toBe(true);
});

describe("a metal program that cannot be lowered", () => {
  const compile = (text: string): Promise<unknown> =>
    compileProgram({
      roots: [scratch(text).root],
      entries: ["@acme/program/metal"],
      bindings: {},
      memoryBase: memoryMap.userDataBase,
      optimise: 1,
      patchable: false,
    });

  test("is refused with file and line for floats", async () => {
    const refused = compile("export function f(a: u32): u32 {\n  const b = <f64>a;\n  return <u32>(b * 0.5);\n}");
    await expect(refused).rejects.toThrow(/metal\/index\.ts:[23]: .*f/);
  });

  test("is refused for an import that nothing answers", async () => {
    await expect(
      compile('@external("x86", "fly") export declare function fly(): void;\nexport function f(): void { fly(); }'),
    ).rejects.toThrow("x86.fly is not known");
  });
});

describe("a metal kernel", () => {
  test.for([1, 3] as const)("runs in ring 0 of QEMU at -O%i, with sites, stubs and symbols", async (optimise, context) => {
    requireTool(context, "qemu-system-i386", "--version");
    const { root, path } = scratch(`
      import { cstr, readCs } from "@mercury/toolchain/metal";
      import { out8, out32, disableInterrupts, saveFlags, setKernelStack } from "mercury:vo";
      @external("asm", "answer") declare function answer(half: u32): u32;
      @external("sym", "native_taskState") declare function taskState(): usize;
      function print(text: usize): void {
        for (let c = load<u8>(text); c != 0; c = load<u8>(++text)) out8(0x3f8, c);
      }
      export function main(): void {
        disableInterrupts();
        print(cstr\`hello from ring \`);
        out8(0x3f8, 48 + (readCs() & 3));
        print((saveFlags() & 0x200) == 0 ? cstr\`, masked\\n\` : cstr\`, open\\n\`);
        setKernelStack(0x1234);
        if (load<u32>(taskState(), 4) == 0x1234) out32(0xf4, answer(21));
        out32(0xf4, 1);
      }`);
    const image = await testKernel(root, optimise);
    expect(image.sites.length).toBeGreaterThanOrEqual(5);
    const file = path("kernel.elf");
    writeFileSync(file, writeElf(image));
    const { stdout, status } = spawnSync(
      "qemu-system-i386",
      ["-kernel", file, "-serial", "stdio", "-display", "none", "-no-reboot", "-device", "isa-debug-exit,iobase=0xf4"],
      { encoding: "utf8", timeout: 60_000, input: "" },
    );
    expect(stdout).toBe("hello from ring 0, masked\n");
    expect(status).toBe((42 << 1) | 1);
  });
});
