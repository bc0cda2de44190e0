import { possible } from "@mercury/vitest/possible";
import { describe, expect, test } from "vitest";
import { link } from "../../fuzz/link.ts";
import { missingLoader, runNative } from "../../fuzz/run-native.ts";
import type { CodeFunction } from "../object.ts";
import { Builder } from "./builder.ts";
import { compileFunction } from "./index.ts";
import { eax, immediate, register, type Reg } from "./mir.ts";
import type { Homes } from "./registers.ts";

/** Calls a function without parameters in a 32-bit process. */
function run(code: CodeFunction): string | null | undefined {
  const linked = link({ functions: [code], data: [], globals: [], table: [], tableSymbol: "table", staticEnd: 0, start: null });
  const program = {
    wasm: new Uint8Array(),
    calls: [{ name: code.name, args: [], result: "i32" as const }],
    memory: { address: 0x10000, length: 64 },
  };
  return runNative([{ program, linked }])[0]?.[0]?.value;
}

/** Weight that makes other registers dearer to spill than those that a test is about. */
const dear = 3;

/** Returns the sum of `values` and of what `more` makes, all live at once; the latter are spilled first. */
function sumOf(values: readonly number[], more: (builder: Builder) => Reg[]): Builder {
  const builder = new Builder("sum", 0, 0);
  builder.loopDepth = dear;
  const held = values.map((value) => builder.constant(value));
  builder.loopDepth = 0;
  const cheap = more(builder);
  builder.loopDepth = dear;
  const sum = builder.constant(0);
  for (const reg of held) builder.emit("add", [register(sum), register(reg)]);
  builder.loopDepth = 0;
  for (const reg of cheap) builder.emit("add", [register(sum), register(reg)]);
  builder.move(eax, register(sum));
  builder.leave([eax]);
  return builder;
}

describe.runIf(possible("spilled registers on the host's processor", missingLoader()))("spilled registers", () => {
  test.each<Homes>([0, 1, 2, 3, 4])("POP into a slot, with %i homes", (homes) => {
    const { mir } = sumOf([1, 10, 100, 1000, 10000, 100000, 1000000, 10000000], (builder) => {
      builder.push(immediate(3));
      builder.push(immediate(4));
      const popped = [builder.fresh(), builder.fresh()];
      for (const reg of popped) builder.pop(reg);
      return popped;
    });
    expect(run(compileFunction(mir, homes, []))).toBe((11111111 + 7).toString(16));
  });

  test.each<Homes>([0, 1, 2, 3, 4])("PUSH from a slot, with %i homes", (homes) => {
    const { mir } = sumOf([1, 10, 100, 1000, 10000, 100000, 1000000, 10000000], (builder) => {
      const pushed = [builder.constant(5), builder.constant(6)];
      for (const reg of pushed) builder.push(register(reg));
      const popped = [builder.fresh(), builder.fresh()];
      for (const reg of popped) builder.pop(reg);
      const twice = builder.two("sub", register(popped[0] ?? 0), register(popped[1] ?? 0));
      return [...pushed, twice];
    });
    expect(run(compileFunction(mir, homes, []))).toBe((11111111 + 11 + 1).toString(16));
  });
});
