import { describe, expect, test } from "vitest";
import {
  hypercalls,
  layoutOf,
  metalContracts,
  sharedFields,
  memoryMap,
  structures,
  switchReasons,
  switchSteps,
  syscalls,
  tableDelta,
  voOperations,
} from "./index.ts";
import { metalFiles } from "./generate-metal.ts";

describe("structures", () => {
  test.each(Object.entries(structures))("%s: fields are aligned and fill the stated size", (name, structure) => {
    expect(() => layoutOf(name, structure)).not.toThrow();
  });

  test("a gap or a misaligned field is refused with the field's name", () => {
    const fields = [
      { name: "a", type: "u8" as const, meaning: "" },
      { name: "b", type: "u32" as const, meaning: "" },
    ];
    expect(() => layoutOf("broken", { meaning: "", size: 5, fields })).toThrow("broken.b lies at 1");
    expect(() => layoutOf("short", { meaning: "", size: 4, fields: fields.slice(0, 1) })).toThrow(
      "short has 1 bytes in its fields, 4 stated",
    );
  });

  test("the addresses in the sites' templates are those of the shared page's fields", () => {
    const offsets = layoutOf("sharedPage", structures.sharedPage);
    for (const [name, address] of Object.entries(sharedFields))
      expect(address).toBe(memoryMap.sharedPage + (offsets.get(name) ?? Number.NaN));
  });

  test("report and counters fit where the shared page keeps them", () => {
    const field = (name: string): number => structures.sharedPage.fields.find((entry) => entry.name === name)?.count ?? 0;
    expect(field("report")).toBe(structures.switchReport.size);
    expect(field("stats")).toBe(structures.switchStats.size);
  });
});

describe("virtual-object operations", () => {
  const bytes = (template: readonly (number | object)[]): number =>
    template.reduce<number>((sum, item) => sum + (typeof item === "number" ? 1 : 4), 0);

  test.each(Object.entries(voOperations))("%s: the site is as long as its longer body, and long enough to be two words", (_, operation) => {
    const length = (body: typeof operation.native): number => (body.kind === "code" ? bytes(body.bytes) : 5);
    const longest = Math.max(length(operation.native), length(operation.virtual));
    expect(operation.length).toBeGreaterThanOrEqual(longest);
    expect(operation.length).toBeLessThanOrEqual(8);
    expect(longest).toBeGreaterThanOrEqual(operation.length - 1);
  });

  test("an operation that is not one instruction is a call that is made with interrupts off", () => {
    for (const operation of Object.values(voOperations)) if (operation.native.kind !== "code") expect(operation.discipline).toBe("off");
  });

  test("the window is where the contract's constant leads", () => {
    const entry = memoryMap.directMapBase + memoryMap.zoneBase;
    expect(entry + tableDelta).toBe(memoryMap.tableWindowBase);
  });
});

describe("numbered calls", () => {
  test.each([
    ["system calls", syscalls],
    ["hypercalls", hypercalls],
  ])("%s: no number twice", (_, table) => {
    const numbers = Object.values(table).map((row: { number: number }) => row.number);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test("a call has no more arguments than registers", () => {
    for (const row of Object.values(syscalls)) expect(row.arguments.length).toBeLessThanOrEqual(6);
    for (const row of Object.values(hypercalls)) expect(row.arguments.length).toBeLessThanOrEqual(3);
  });
});

describe("generated metal", () => {
  const files = metalFiles();

  test("every structure field has an offset constant", () => {
    expect(files.get("structures.ts")).toContain("export const SHARED_PAGE_FAULT_ADDRESS: u32 = 8;");
    expect(files.get("structures.ts")).toContain("@unmanaged export class TrapEntry {\n  vector: u8;\n  privilege: u8;");
  });

  test("each mercury:* name is an ambient module with the contract's functions", () => {
    for (const [name, functions] of Object.entries(metalContracts)) {
      const text = files.get(`${name.replace(":", "-")}.d.ts`);
      for (const entry of functions) expect(text).toContain(`export function ${entry.name}(`);
    }
  });
});

describe("texts for metal code", () => {
  test("every reason and step has its text, NUL-terminated", () => {
    const bytes = (text: string): string => `[${[...new TextEncoder().encode(text), 0].join(", ")}]`;
    const generated = metalFiles();
    for (const { text } of switchReasons) expect(generated.get("switch.ts")).toContain(bytes(text));
    for (const name of switchSteps) expect(generated.get("switch.ts")).toContain(bytes(name));
  });
});
