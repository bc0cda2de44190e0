import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { metal } from "./testing.ts";
import { type ScratchPackage, scratchPackage } from "./testing/scratch.ts";

const made: ScratchPackage[] = [];
afterEach(() => made.splice(0).forEach((scratch) => scratch.remove()));

function scratch(name: string, text: string): URL {
  const scratched = scratchPackage(name, { "metal/index.ts": text });
  made.push(scratched);
  return pathToFileURL(`${scratched.root}/`);
}

describe("metal", () => {
  test("runs a module with its machine mocked", async () => {
    const calls: string[] = [];
    const root = scratch(
      "@acme/mocked",
      `
      import { disableInterrupts, saveFlags } from "mercury:vo";
      @external("sym", "place") export declare function place(): usize;
      export function enter(): u32 { const flags = saveFlags(); disableInterrupts(); return flags + <u32>place(); }`,
    );
    const module = await metal("@acme/mocked/metal", root, {
      "mercury:vo": {
        saveFlags: () => {
          calls.push("save");
          return 0x200;
        },
        disableInterrupts: () => {
          calls.push("cli");
        },
      },
      sym: { place: () => 4 },
    });
    expect(module["enter"]?.()).toBe(0x204);
    expect(calls).toEqual(["save", "cli"]);
  });

  test("gives the test its memory, and static data in it", async () => {
    const root = scratch(
      "@acme/memory",
      `
      import { cstr } from "@mercury/toolchain/metal";
      export function text(): usize { return cstr\`abc\`; }
      export function poke(at: usize): void { store<u32>(at, 0x12345678); }`,
    );
    const module = await metal("@acme/memory/metal", root, {});
    const bytes = new Uint8Array(module.memory.buffer);
    const at = module["text"]?.() as number; // an address
    expect(new TextDecoder().decode(bytes.subarray(at, at + 4))).toBe("abc\0");
    module["poke"]?.(0x8000);
    expect(new DataView(module.memory.buffer).getUint32(0x8000, true)).toBe(0x12345678);
  });

  test("gives each caller memory and variables of its own", async () => {
    const root = scratch("@acme/fresh", "let count: u32 = 0;\nexport function next(): u32 { return ++count; }");
    const [one, other] = [await metal("@acme/fresh/metal", root, {}), await metal("@acme/fresh/metal", root, {})];
    expect([one["next"]?.(), one["next"]?.(), other["next"]?.()]).toEqual([1, 2, 1]);
    expect(one.memory).not.toBe(other.memory);
  });

  test("names an import that the test forgot, when it is called", async () => {
    const root = scratch("@acme/forgot", `import { halt } from "@mercury/toolchain/metal";\nexport function stop(): void { halt(); }`);
    const module = await metal("@acme/forgot/metal", root, {});
    expect(() => module["stop"]?.()).toThrow("x86.halt, which the test does not mock");
  });

  test("binds a mercury: name to a real package when asked", async () => {
    const provider = scratch("@acme/provider", "export function requestSwitch(target: u32): i32 { return <i32>target + 3; }");
    const root = scratch(
      "@acme/asks",
      `import { requestSwitch } from "mercury:switch";\nexport function ask(): i32 { return requestSwitch(1); }`,
    );
    const mocked = await metal("@acme/asks/metal", root, { "mercury:switch": { requestSwitch: () => 9 } });
    expect(mocked["ask"]?.()).toBe(9);
    const bound = await metal("@acme/asks/metal", root, {}, { bind: { "mercury:switch": "@acme/provider/metal" }, roots: [provider] });
    expect(bound["ask"]?.()).toBe(4);
  });
});
