import { voOperations } from "@mercury/abi";
import { decode } from "@mercury/isa";
import { createAssembler, type CodeFunction } from "@mercury/toolchain";
import { describe, expect, test } from "vitest";
import stubs from "./index.ts";

function assembled(): ReadonlyMap<string, CodeFunction> {
  const assembler = createAssembler();
  stubs(assembler);
  return new Map(assembler.finish().map((procedure) => [procedure.name, procedure]));
}

function mnemonics(code: Uint8Array): string[] {
  const names: string[] = [];
  for (let at = 0; at < code.length;) {
    const decoded = decode(code, at, 32);
    if (!decoded.ok) throw new Error(`byte ${at}: ${decoded.reason}`);
    names.push(decoded.row.mnemonic);
    at += decoded.length;
  }
  return names;
}

const procedures = assembled();
const flagThunks = [...procedures.values()].filter(({ section }) => section === ".thunks.flag");

describe("thunks", () => {
  test("every thunk that the table of operations names exists", () => {
    const targets = Object.values(voOperations).flatMap(({ virtual }) => ("target" in virtual ? [virtual.target] : []));
    const missing = targets.filter((target) => target.startsWith("thunk_") && !procedures.has(target));
    expect(missing).toEqual([]);
  });

  // The VMM takes an interrupted flag thunk back to its start: nothing but its last instruction may change registers or the stack.
  test.each(flagThunks.map((thunk) => [thunk.name, thunk] as const))("%s can be begun again from any boundary", (_name, { code }) => {
    const names = mnemonics(code);
    const last = names.pop();
    expect(["ret", "iret", "iretd"]).toContain(last);
    for (const name of names) expect(["mov", "test", "cmp", "or", "je", "jz", "jne", "jnz"]).toContain(name);
  });

  // A thread stopped behind INT finishes in whatever mode it wakes up in, so no second INT and no further thunk code follows it.
  test("hypercall thunks have one INT, then leave the range", () => {
    const thunks = [...procedures.values()].filter(({ section }) => section === ".thunks.hypercall");
    for (const { name, code } of thunks) {
      const names = mnemonics(code);
      expect(
        names.filter((mnemonic) => mnemonic === "int"),
        name,
      ).toHaveLength(1);
      expect(names.slice(names.indexOf("int") + 1), name).toEqual([name === "slow_returnFromTrap" ? "ud2" : "jmp"]);
    }
  });
});

test("raiseVector has one INT and RET of three bytes for each line", () => {
  const code = procedures.get("raiseVectors")?.code ?? new Uint8Array();
  expect(code).toHaveLength(16 * 3);
  for (let line = 0; line < 16; line++) expect(Array.from(code.subarray(line * 3, line * 3 + 3))).toEqual([0xcd, 0x20 + line, 0xc3]);
});
