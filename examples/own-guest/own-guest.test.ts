import { available, boot, importsOf } from "@acme/testing";
import { qemu, x86 } from "@mercury/machine";
import { describe, expect, test } from "vitest";
import { ownGuest } from "./src/index.ts";

const memory = 32;

/** What the kernel prints: its lines, each behind its name. */
function said(...lines: readonly string[]): string {
  return lines.map((line) => `own-guest: ${line}\n`).join("");
}

test("takes of Mercury only the contract, and the macro-assembler in its stubs", () => {
  const root = import.meta.dirname;
  expect(importsOf(root, "src")).toEqual(["@mercury/abi"]);
  expect(importsOf(root, "metal")).toEqual(["@mercury/abi/metal", "mercury:switch", "mercury:vo"]);
  expect(importsOf(root, "stubs")).toEqual(["@mercury/abi", "@mercury/toolchain"]);
});

for (const runner of [x86({ icount: true }), qemu]) {
  describe.runIf(available(runner))(`on ${runner.name}`, () => {
    test("runs in ring 0, in ring 1 while the VMM is attached, and in ring 0 again; its traps reach it in both", async () => {
      const { exit, serial } = await boot({ guest: ownGuest, memory }, runner);
      expect(serial[0]).toBe(said("ring 0, breakpoints 1", "ring 1, breakpoints 2", "ring 0, breakpoints 3"));
      expect(exit).toEqual({ kind: "power-off" });
    });

    test("stays in ring 0 without a VMM, and is told so", async () => {
      const { exit, serial } = await boot({ guest: ownGuest, memory, vmm: null }, runner);
      const refused = "the switch was refused";
      expect(serial[0]).toBe(said("ring 0, breakpoints 1", refused, "ring 0, breakpoints 2", refused, "ring 0, breakpoints 3"));
      expect(exit).toEqual({ kind: "power-off" });
    });
  });
}
