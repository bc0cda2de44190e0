import { voOperationNumbers, voOperations } from "@mercury/abi";
import { decode } from "@mercury/isa";
import { describe, expect, test } from "vitest";
import type { Relocation } from "../object.ts";
import { encodeSite, encodeStretched, ignoredPrefix, operationOf } from "./encode.ts";
import { encodeSiteTable } from "./table.ts";

const names = Object.keys(voOperations);

/** Decodes a body's prefixes away: the instructions in it. */
function instructionsOf(bytes: Uint8Array): number[] {
  const lengths: number[] = [];
  for (let at = 0; at < bytes.length; at += lengths.at(-1) ?? 1) {
    const decoded = decode(bytes, at, 32);
    if (!decoded.ok) throw new Error(`byte ${at} is no instruction`);
    lengths.push(decoded.length);
  }
  return lengths;
}

describe.each(names)("site of %s", (name) => {
  const operation = operationOf(name);

  test.each(["native", "virtual"] as const)("%s body fills the site with whole instructions", (form) => {
    const { bytes, relocations } = encodeStretched(operation, form);
    expect(bytes.length).toBe(operation.length);
    const count = instructionsOf(bytes).length;
    // `sti; hlt` is the one body of two instructions: nothing is taken between them.
    expect(count).toBe(name === "idle" && form === "native" ? 2 : 1);
    for (const { offset } of relocations) expect(offset + 4).toBeLessThanOrEqual(bytes.length);
  });

  test("fits the two overlapping words of a site record", () => {
    expect(operation.length).toBeGreaterThanOrEqual(4);
    expect(operation.length).toBeLessThanOrEqual(8);
  });
});

describe("encodeSite", () => {
  test("stretches by prefixes that change no operand", () => {
    const { bytes, relocations } = encodeSite("setKernelStack", true);
    expect([...bytes]).toEqual([0xa3, 0, 0, 0, 0]);
    expect(relocations).toEqual([{ offset: 1, kind: "absolute", target: "native_taskState", addend: 4 }]);
    expect([...encodeSite("flushPage", true).bytes]).toEqual([ignoredPrefix, ignoredPrefix, 0x0f, 0x01, 0x38]);
  });

  test("names an operation that the contract lacks", () => {
    expect(() => encodeSite("fly", true)).toThrow('"fly"');
  });
});

describe("encodeSiteTable", () => {
  test("keeps both bodies as two words that overlap", () => {
    const relocate = (bytes: Uint8Array, relocations: readonly Relocation[], address: number): void => {
      for (const { offset, target } of relocations) {
        expect(target).toBe("thunk_setEntry");
        new DataView(bytes.buffer).setInt32(offset, 0x2000 - (address + offset + 4), true);
      }
    };
    const table = encodeSiteTable([{ address: 0x1000, length: 6, operation: "setEntry" }], relocate);
    const view = new DataView(table.buffer);
    expect(table.length).toBe(24);
    expect(view.getUint32(0, true)).toBe(0x1000);
    expect(view.getUint16(4, true)).toBe(6);
    expect(view.getUint16(6, true)).toBe(voOperationNumbers["setEntry"]);
    const body = (at: number): number[] => [...table.subarray(at, at + 4), ...table.subarray(at + 6, at + 8)];
    expect(body(8)).toEqual([...encodeStretched(operationOf("setEntry"), "native").bytes]);
    // prefix, E8, then 0x2000 - 0x1006
    expect(body(16)).toEqual([ignoredPrefix, 0xe8, 0xfa, 0x0f, 0, 0]);
    expect(table.subarray(10, 12)).toEqual(table.subarray(12, 14));
    expect(table.subarray(18, 20)).toEqual(table.subarray(20, 22));
  });
});
