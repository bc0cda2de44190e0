import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { memoryMap } from "@mercury/abi";
import { disassemble } from "@mercury/isa";
import { afterEach, describe, expect, test } from "vitest";
import { createAssembler } from "../assembler/block.ts";
import { symbol } from "../assembler/memory.ts";
import { eax, ebx, ecx, edx } from "../assembler/registers.ts";
import { writeElf } from "../link/elf.ts";
import { linkImage } from "../link/image.ts";
import { compileProgram } from "../program.ts";
import { type ScratchPackage, scratchPackage } from "../testing/scratch.ts";
import { requireLinux386 } from "../testing/tools.ts";
import { x86Imports, x86Intrinsics } from "./x86.ts";

const made: ScratchPackage[] = [];
afterEach(() => made.splice(0).forEach((scratch) => scratch.remove()));

const declarations = readFileSync(new URL("../../metal/intrinsics.ts", import.meta.url), "utf8");

describe("the intrinsics of metal/intrinsics.ts", () => {
  const declared = [...declarations.matchAll(/@external\("x86", "(\w+)"\)/g)].map((match) => match[1]);

  test("all have instructions, and no others exist", () => {
    expect(new Set(Object.keys(x86Intrinsics))).toEqual(new Set(declared));
  });

  test("are imports of module x86 only", () => {
    const type = { parameters: [], results: [] };
    expect(x86Imports("x86", "halt", type)?.kind).toBe("inline");
    expect(x86Imports("x86", "toString", type)).toBeUndefined();
    expect(x86Imports("sym", "halt", type)).toBeUndefined();
  });
});

/** Each line is a check; the program's exit status is the number of the first that fails, 0 when all hold. */
const checks: readonly string[] = [
  "exchange32(cell, 7) == 5 && load<u32>(cell) == 7",
  "compareExchange32(cell, 8, 9) == 7 && load<u32>(cell) == 7",
  "compareExchange32(cell, 7, 9) == 7 && load<u32>(cell) == 9",
  "atomicAdd32(cell, 3) == 9 && load<u32>(cell) == 12",
  "set(atomicOr32(cell, 0x103)) && load<u32>(cell) == 0x10f",
  "set(atomicAnd32(cell, 0xff)) && load<u32>(cell) == 0xf",
  "set(volatileStore32(cell, 0xfedcba98)) && volatileLoad32(cell) == 0xfedcba98",
  "volatileLoad8(cell) == 0x98 && volatileLoad16(cell) == 0xba98",
  "set(volatileStore8(cell, 0x1ff)) && volatileLoad32(cell) == 0xfedcbaff",
  "set(volatileStore16(cell, 0x12345)) && volatileLoad32(cell) == 0xfedc2345",
  "multiplyHigh(0x80000001, 6) == 3",
  "divideWide(1, 5, 16) == ((5 << 32) | 0x10000000)",
  "readTimeStamp() <= readTimeStamp()",
  "set(cpuid(0, 0, cell + 16)) && load<u32>(cell + 16) >= 1 && load<u32>(cell + 20) != 0",
  "(readFlags() & 2) == 2",
  "set(writeFlags(readFlags() | 1)) && (readFlags() & 2) == 2",
  "stackPointer() > 0x1000",
  "(readCs() & 3) == 3",
  "set(pause())",
  "call0(seven()) == 7",
  "call3(join(), 1, 2, 3) == 0x010203",
  "call1(same(), 4) == 4 && call2(difference(), 9, 5) == 4",
  "syscall0(20) > 0",
  "syscall1(12, cstr`/nonexistent`) == -2",
  "syscall2(33, cstr`/`, 0) == 0",
  "syscall3(4, 99, cell, 1) == -9",
  "syscall4(175, 0, 0, cell + 64, 8) == 0",
  "syscall5(142, 0, 0, 0, 0, cell + 128) == 0",
  // mmap2 of one anonymous page, all seven registers in use
  "(<u32>syscall6(192, 0, 4096, 3, 0x22, <u32>-1, 0) & 0xfff) == 0",
];

const source = `
import { exchange32, compareExchange32, atomicAdd32, atomicOr32, atomicAnd32, volatileLoad8, volatileLoad16, volatileLoad32, volatileStore8,
  volatileStore16, volatileStore32, multiplyHigh, divideWide, readTimeStamp, cpuid, readFlags, writeFlags, stackPointer, readCs, pause, call0, call1,
  call2, call3, syscall0, syscall1, syscall2, syscall3, syscall4, syscall5, syscall6, cstr } from "@mercury/toolchain/metal";
@external("sym", "joinStub") declare function join(): usize;
@external("sym", "sevenStub") declare function seven(): usize;
@external("sym", "sameStub") declare function same(): usize;
@external("sym", "differenceStub") declare function difference(): usize;
const cell = memory.data(256);
// @ts-ignore: decorator
${checks.map((check, index) => `function check${index + 1}(): bool { ${statement(check)} }`).join("\n")}
export function main(): i32 {
  store<u32>(cell, 5);
${checks.map((_, index) => `  if (!check${index + 1}()) return ${index + 1};`).join("\n")}
  return 0;
}
`;

/** `set(call)` is a call without a result, taken as true. */
function statement(check: string): string {
  const set = /^set\((.*?\))\)(?: && (.*))?$/.exec(check);
  return set === null ? `return ${check};` : `${set[1]}; return ${set[2] ?? "true"};`;
}

describe.each([0, 1, 3] as const)("a volatile load at -O%i", (optimise) => {
  test("stands though nobody uses what it loads", async () => {
    const text =
      "import { volatileLoad8, volatileLoad16, volatileLoad32 } from '@mercury/toolchain/metal';\n" +
      "export function touch(p: usize): void { volatileLoad8(p); volatileLoad16(p + 4); volatileLoad32(p + 8); }";
    const scratch = scratchPackage("@acme/touch", { "metal/index.ts": text });
    made.push(scratch);
    const { program } = await compileProgram({
      roots: [scratch.root],
      entries: ["@acme/touch/metal"],
      bindings: {},
      memoryBase: 0x1000,
      optimise,
      patchable: false,
    });
    const code = program.object.functions.find(({ name }) => name === "touch")?.code ?? new Uint8Array();
    const loads: string[] = [];
    for (let at = 0; at < code.length;) {
      const { text: instruction, length } = disassemble(code, at, 32, at, "intel");
      if (/^mov(zx)? .*\[/.test(instruction) && !instruction.includes("esp")) loads.push(instruction.split(" ")[0] ?? "");
      at += length;
    }
    expect(loads).toEqual(["movzx", "movzx", "mov"]);
  });
});

describe.each([0, 1, 3] as const)("the unprivileged intrinsics at -O%i", (optimise) => {
  test("do what their declarations say, on the host's processor", async (context) => {
    requireLinux386(context);
    const scratch = scratchPackage("@acme/intrinsics", { "metal/index.ts": source });
    made.push(scratch);
    const { program } = await compileProgram({
      roots: [scratch.root],
      entries: ["@acme/intrinsics/metal"],
      bindings: {},
      memoryBase: memoryMap.userDataBase,
      optimise,
      patchable: false,
    });
    const a = createAssembler();
    a.procedure("start");
    a.call(symbol("main"));
    a.mov(ebx, eax);
    a.mov(eax, 1);
    a.int(0x80);
    a.procedure("joinStub"); // (a, b, c) => a << 16 | b << 8 | c
    a.shl(eax, 16);
    a.shl(edx, 8);
    a.or(eax, edx);
    a.or(eax, ecx);
    a.ret();
    a.procedure("sevenStub");
    a.mov(eax, 7);
    a.ret();
    a.procedure("sameStub");
    a.ret();
    a.procedure("differenceStub");
    a.sub(eax, edx);
    a.ret();
    const image = linkImage({
      name: "intrinsics",
      program,
      stubs: a.finish(),
      textBase: memoryMap.userImageBase,
      dataBase: memoryMap.userDataBase,
      limit: null,
      loadOffset: 0,
      entry: "start",
      siteTable: false,
      blobs: [],
    });
    const file = scratch.path("intrinsics.elf");
    writeFileSync(file, writeElf(image), { mode: 0o755 });
    const { status, signal } = spawnSync(file);
    expect({ signal, failed: status === 0 ? "none" : checks[(status ?? 0) - 1] }).toEqual({ signal: null, failed: "none" });
  });
});
