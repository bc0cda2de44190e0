import { metal } from "@mercury/toolchain/testing";
import { expect, test } from "vitest";
import { sequenced } from "../../src/layer.ts";

test("the kernel's side tells the strategies that the descriptor lists, in its order", async () => {
  const { strategyCount, strategyName, memory } = await metal("@mercury/switch/metal/request", new URL("../../", import.meta.url), {});
  const nameOf = (strategy: number): string => {
    const start = Number(strategyName?.(strategy));
    const bytes = new Uint8Array(memory.buffer, start);
    return Buffer.from(bytes.subarray(0, bytes.indexOf(0))).toString("latin1");
  };
  expect(Array.from({ length: Number(strategyCount?.()) }, (_, strategy) => nameOf(strategy))).toEqual(sequenced.strategies);
  expect(nameOf(sequenced.strategies.length)).toBe("unknown");
});
