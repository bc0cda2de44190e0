import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bytes } from "./bytes.ts";
import * as x from "./expression.ts";
import type { Int } from "./expression.ts";
import { FunctionBuilder } from "./function.ts";
import { ModuleBuilder } from "./module.ts";
import { I32 } from "./opcodes.ts";

type Binary = (a: number, b: number) => number;

/** Compiles one function of two integers. */
function compile(make: (f: FunctionBuilder, a: Int, b: Int) => void): Binary {
  const module = new ModuleBuilder();
  const f = new FunctionBuilder(2);
  make(f, f.parameter(I32, 0), f.parameter(I32, 1));
  f.unreachable();
  module.define(module.declare(), { parameters: [I32, I32], results: [I32] }, f.body(), "run");
  const memory = new WebAssembly.Memory({ initial: 1 });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.encode(1)), { env: { memory } });
  // The module exports this one function.
  return instance.exports["run"] as Binary;
}

const integer = fc.integer({ min: -0x80000000, max: 0x7fffffff });

describe("LEB128", () => {
  it("gives back every signed constant", () => {
    fc.assert(
      fc.property(integer, (value) => {
        expect(compile((f) => f.return(x.int(value)))(0, 0)).toBe(value);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it("writes unsigned numbers in as many bytes as they need", () => {
    const length = (value: number): number => {
      const bytes = new Bytes();
      bytes.unsigned(value);
      return bytes.length;
    };
    expect([0, 0x7f, 0x80, 0x3fff, 0x4000, 0xffffffff].map(length)).toEqual([1, 1, 2, 2, 3, 5]);
  });
});

describe("expressions", () => {
  const operations: [string, (a: Int, b: Int) => Int][] = Object.entries({
    add: x.add,
    sub: x.sub,
    or: x.or,
    xor: x.xor,
    and: x.and,
    mul: x.mul,
    shl: x.shl,
    shrU: x.shrU,
    shrS: x.shrS,
    eq: x.eq,
    ne: x.ne,
    ltU: x.ltU,
    gtU: x.gtU,
    leU: x.leU,
    geU: x.geU,
    ltS: x.ltS,
    gtS: x.gtS,
  });
  it.each(operations)("%s folds constants to what it computes", (_, operation) => {
    const run = compile((f, a, b) => f.return(operation(a, b)));
    fc.assert(
      fc.property(integer, integer, (a, b) => {
        expect(operation(x.int(a), x.int(b)).constant).toBe(run(a, b));
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it("of 0 to the right are left out where they do nothing", () => {
    fc.assert(
      fc.property(integer, (value) => {
        for (const operation of [x.add, x.sub, x.or, x.xor, x.shl, x.shrU, x.shrS])
          expect(compile((f, a) => f.return(operation(a, x.int(0))))(value, 0)).toBe(value);
      }),
      { seed: 1, numRuns: 20 },
    );
  });
});

describe("statements", () => {
  it("sum up in a loop with two ways out", () => {
    const run = compile((f, a, limit) => {
      const sum = f.variable(x.int(0));
      const rest = f.variable(a);
      f.block((end) => {
        f.loop((again) => {
          f.branchIf(end, x.isZero(rest));
          f.set(sum, x.add(sum, rest));
          f.branchIf(end, x.gtU(sum, limit));
          f.set(rest, x.sub(rest, x.int(1)));
          f.branch(again);
        });
      });
      f.return(sum);
    });
    expect([run(10, 1000), run(10, 12)]).toEqual([55, 19]);
  });

  it("take the branch of a condition that is known", () => {
    const run = compile((f) => {
      f.if(
        x.int(0),
        () => f.return(x.int(1)),
        () => f.return(x.int(2)),
      );
    });
    expect(run(0, 0)).toBe(2);
  });
});

describe("a module", () => {
  it("refuses imports after definitions and declarations that stay empty", () => {
    const module = new ModuleBuilder();
    module.declare();
    expect(() => module.import("late", { parameters: [], results: [] })).toThrow(/late/);
    expect(() => module.encode(1)).toThrow(/declared but not defined/);
  });
});
