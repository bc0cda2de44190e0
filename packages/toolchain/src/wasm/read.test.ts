import { describe, expect, test } from "vitest";
import { header, name, section, signed, unsigned, vector } from "../../fuzz/wasm-writer.ts";
import { readBody } from "./body.ts";
import { WasmError, type WasmModule } from "./module.ts";
import { readModule } from "./read.ts";
import type { Statement } from "./tree.ts";
import { UnsupportedError } from "./unsupported.ts";

const i32 = 0x7f;
const i64 = 0x7e;
const f64 = 0x7c;

/** A module with one function `f(i32, i32): i32`. */
function moduleOf(
  code: readonly number[],
  locals: readonly number[] = [],
  type: readonly number[] = [0x60, 2, i32, i32, 1, i32],
): Uint8Array {
  const body = [...vector(locals.map((local) => [1, local])), ...code, 0x0b];
  return Uint8Array.from([
    ...header,
    ...section(1, vector([type])),
    ...section(3, vector([[0]])),
    ...section(7, vector([[...name("f"), 0, 0]])),
    ...section(10, vector([[...unsigned(body.length), ...body]])),
  ]);
}

function statementsOf(bytes: Uint8Array): readonly Statement[] {
  return readBody(readModule(bytes), 0, "f").body;
}

describe("module reader", () => {
  test("reads sections, names and constant expressions", () => {
    const bytes = Uint8Array.from([
      ...header,
      ...section(1, vector([[0x60, 1, i64, 0]])),
      ...section(2, vector([[...name("x86"), ...name("halt"), 0, 0]])),
      ...section(4, vector([[0x70, 0, 3]])),
      ...section(
        6,
        vector([
          [i32, 1, 0x41, ...signed(-2n), 0x0b],
          [i64, 0, 0x42, ...signed(-2n), 0x0b],
        ]),
      ),
      ...section(9, vector([[0, 0x41, 1, 0x0b, ...vector([[0]])]])),
      ...section(11, vector([[0, 0x41, ...signed(-1071644672n), 0x0b, ...vector([[7], [9]])]])),
      ...section(0, [...name("name"), 1, ...unsigned(7), 1, 0, ...name("idle")]),
    ]);
    const module: WasmModule = readModule(bytes);
    expect(module.imports).toEqual([{ module: "x86", name: "halt", type: 0 }]);
    expect(module.tableSize).toBe(3);
    expect(module.globals.map(({ initial }) => initial)).toEqual([0xffff_fffen, 0xffff_ffff_ffff_fffen]);
    expect(module.elements).toEqual([{ offset: 1, functions: [0] }]);
    expect(module.data[0]?.address).toBe(0xc020_0000); // high memory comes as a negative constant
    expect(module.functionNames.get(0)).toBe("idle");
  });

  test("names the byte at which a module is cut off", () => {
    const bytes = moduleOf([0x41, 0]);
    expect(() => readModule(bytes.subarray(0, bytes.length - 3))).toThrow(WasmError);
    expect(() => readModule(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))).toThrow(/not a wasm module/u);
  });
});

describe("body reader", () => {
  test("makes every side effect a statement, in order", () => {
    // local.get 0; local.get 1; local.tee 0; i32.add: the first operand is the old value.
    const body = statementsOf(moduleOf([0x20, 0, 0x20, 1, 0x22, 0, 0x6a]));
    expect(body.map(({ kind }) => kind)).toEqual(["set", "set", "set", "return"]);
    expect(body[0]).toMatchObject({ local: 3, value: { kind: "local", index: 0 } }); // settled before local 0 changes
    expect(body[1]).toMatchObject({ local: 0, value: { kind: "local", index: 1 } });
  });

  test("skips what cannot be reached", () => {
    const body = statementsOf(moduleOf([0x20, 0, 0x0f, 0x02, 0x40, 0x41, 5, 0x1a, 0x0b, 0x00, 0x41, 1]));
    expect(body.map(({ kind }) => kind)).toEqual(["set", "return"]);
  });

  test.each<[string, readonly number[], readonly number[], RegExp]>([
    ["float instructions", [0x41, 1, 0xb7, 0x1a, 0x41, 1], [], /function f .*0xb7 is a float/u],
    ["float locals", [0x41, 1], [f64], /function f .*type f64/u],
    ["memory.grow", [0x41, 1, 0x40, 0], [], /function f .*memory\.grow/u],
    ["bulk operations on tables", [0xfc, 12, 0, 0, 0x41, 1], [], /function f .*0xfc 12/u],
  ])("refuses %s, naming the function", (_, code, locals, message) => {
    expect(() => statementsOf(moduleOf(code, locals))).toThrow(UnsupportedError);
    expect(() => statementsOf(moduleOf(code, locals))).toThrow(message);
  });
});
