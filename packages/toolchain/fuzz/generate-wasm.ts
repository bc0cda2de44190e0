import type { Call, Program } from "./program.ts";
import { Random } from "./random.ts";
import { scratchBase, scratchBytes } from "./scratch.ts";
import { BodyWriter, type FunctionType, type GlobalType } from "./wasm-body.ts";
import { header, name, section, signed, typeByte, unsigned, vector, type NumberType } from "./wasm-writer.ts";

/** Shapes that functions share, so that indirect calls have a choice. */
const shared: readonly FunctionType[] = [
  { parameters: ["i32", "i32"], result: "i32" },
  { parameters: ["i64", "i32"], result: "i64" },
  { parameters: ["i32"], result: null },
  { parameters: ["i32", "i64", "i32", "i32", "i32"], result: "i32" },
];

/**
 * A random valid module, written as bytes: it reaches what asc never writes, such as values across nested blocks, branches with
 * values, dead code and deep operand stacks. Every function is exported and called `rounds` times.
 */
export function generateModule(seed: number, functions: number, rounds: number): Program {
  const random = new Random(seed);
  const types = Array.from({ length: functions }, () => (random.chance(50) ? random.pick(shared) : randomType(random)));
  const globals = Array.from({ length: 3 }, (): GlobalType => ({ type: random.pick<NumberType>(["i32", "i32", "i64"]) }));
  const bodies = types.map((type, index) => new BodyWriter(random, type, types.slice(0, index), globals, types).write());
  const exports = types.map((_, index) => [...name(`f${index}`), 0, ...unsigned(index)]);
  const wasm = Uint8Array.from([
    ...header,
    ...section(
      1,
      vector(
        types.map(({ parameters, result }) => [
          0x60,
          ...vector(parameters.map((type) => [typeByte(type)])),
          ...vector(result === null ? [] : [[typeByte(result)]]),
        ]),
      ),
    ),
    ...section(3, vector(types.map((_, index) => unsigned(index)))),
    ...section(4, vector([[0x70, 0, ...unsigned(functions)]])),
    ...section(5, vector([[0, 2]])),
    ...section(6, vector(globals.map(({ type }) => [typeByte(type), 1, ...constant(random, type), 0x0b]))),
    ...section(
      7,
      vector([...exports, [...name("memory"), 2, 0], ...globals.map((_, index) => [...name(`g${index}`), 3, ...unsigned(index)])]),
    ),
    ...section(9, vector([[0, 0x41, 0, 0x0b, ...vector(types.map((_, index) => unsigned(index)))]])),
    ...section(10, vector(bodies.map((body) => [...unsigned(body.length), ...body]))),
    ...section(
      11,
      vector([[0, 0x41, ...signed(BigInt(scratchBase)), 0x0b, ...vector(Array.from({ length: 64 }, () => [random.below(256)]))]]),
    ),
  ]);
  return { wasm, calls: callsOf(random, types, rounds), memory: { address: scratchBase, length: scratchBytes + 64 } };
}

function randomType(random: Random): FunctionType {
  const parameters = Array.from({ length: random.below(6) }, () => random.pick<NumberType>(["i32", "i32", "i64"]));
  return { parameters, result: random.chance(15) ? null : random.pick<NumberType>(["i32", "i32", "i64"]) };
}

function constant(random: Random, type: NumberType): number[] {
  return type === "i32" ? [0x41, ...signed(BigInt(random.interesting32()))] : [0x42, ...signed(random.interesting64())];
}

function callsOf(random: Random, types: readonly FunctionType[], rounds: number): Call[] {
  return Array.from({ length: rounds }, () =>
    types.map(({ parameters, result }, index): Call => ({
      name: `f${index}`,
      result,
      args: parameters.map((type) => (type === "i64" ? random.interesting64() : random.interesting32())),
    })),
  ).flat();
}
