import { describe, expect, test } from "vitest";
import type { Expression, Statement } from "../wasm/tree.ts";
import { canSwap, effectsOf, effectsOfStatement } from "./reorder.ts";

const local = (index: number): Expression => ({ kind: "local", type: "i32", index });
const load: Expression = { kind: "load", type: "i32", width: 32, signed: false, address: local(0), offset: 0 };
const division: Expression = { kind: "binary", type: "i32", operator: "divSigned", left: local(0), right: local(1) };
const global: Expression = { kind: "global", type: "i32", index: 0 };
const sum: Expression = { kind: "binary", type: "i32", operator: "add", left: local(2), right: { kind: "i32", type: "i32", value: 1 } };

const set: Statement = { kind: "set", at: 0, local: 2, value: local(0) };
const store: Statement = { kind: "store", at: 0, width: 32, address: local(0), offset: 0, value: local(1) };
const setGlobal: Statement = { kind: "setGlobal", at: 0, global: 0, value: local(0) };
const call: Statement = { kind: "call", at: 0, target: { kind: "function", index: 0 }, arguments: [], result: null };
const branch: Statement = { kind: "branchIf", at: 0, label: 0, condition: local(0) };

describe("canSwap", () => {
  test.each<[string, Expression, Statement, boolean]>([
    ["a read of a local with another local's write", local(0), set, true],
    ["a read of a local with its write", sum, set, false],
    ["a load with a store", load, store, false],
    ["a load with a global's write", load, setGlobal, true],
    ["a global's read with its write", global, setGlobal, false],
    ["arithmetic with a store", sum, store, true],
    ["a trapping division with a store", division, store, false],
    ["a trapping division with a branch", division, branch, false],
    ["a load with a branch", load, branch, true],
    ["a load with a call", load, call, false],
    ["a global's read with a call", global, call, false],
    ["arithmetic with a call", sum, call, true],
  ])("%s", (_, expression, statement, expected) => {
    expect(canSwap(effectsOf(expression), effectsOfStatement(statement))).toBe(expected);
    expect(canSwap(effectsOfStatement(statement), effectsOf(expression))).toBe(expected);
  });

  test("a division by a constant other than 0 and -1 cannot trap", () => {
    const byTen: Expression = { ...division, right: { kind: "i32", type: "i32", value: 10 } };
    expect(canSwap(effectsOf(byTen), effectsOfStatement(store))).toBe(true);
  });
});
