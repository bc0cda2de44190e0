import { importsOf, runScript } from "@acme/testing";
import { describe, expect, test } from "vitest";
import { ownStrategy } from "./src/index.ts";

/** There and back; prints how the way there went. */
const roundTrip = "echo virtual > /proc/mercury/mode; cat /proc/mercury/last; echo native > /proc/mercury/mode";

/** The values of a key of /proc/mercury/last, one for each report in a text. */
function values(text: string, key: string): string[] {
  return [...text.matchAll(new RegExp(`^${key}: (.*)$`, "gm"))].map(([, value = ""]) => value);
}

test("takes of Mercury only the contract", () => {
  const root = import.meta.dirname;
  expect(importsOf(root, "src")).toEqual(["@mercury/abi"]);
  expect(importsOf(root, "metal")).toEqual(["@mercury/abi/metal", "mercury:vmm", "mercury:vo"]);
});

describe("on our machine, under the standard guest and VMM", () => {
  test("a small system is validated at once; one that grew too large is left for first touch, and looked at again later", async () => {
    const many = "i=0; while [ $i -lt 8 ]; do sleep 1000 & i=$((i + 1)); done";
    const script = [roundTrip, roundTrip, many, roundTrip, roundTrip, roundTrip, roundTrip].join("; ");
    const { output } = await runScript({ switch: ownStrategy }, script);
    expect(values(output, "result")).toEqual(Array(6).fill("ok"));
    expect(values(output, "strategy")).toEqual(["recompute", "recompute", "recompute", "lazy", "lazy", "recompute"]);
    const tables = values(output, "tables").map(Number);
    expect(tables.slice(3, 5)).toEqual([0, 0]);
    const [small = 0, same = 0, large = 0, , , again] = tables;
    expect(small).toBeGreaterThan(0);
    // Shells and cats come and go; a process has a directory and leaves for its image and its stack.
    expect(Math.abs(same - small)).toBeLessThanOrEqual(3);
    expect(large).toBeGreaterThanOrEqual(small + 8 * 3 - 3);
    expect(again).toBeGreaterThan(24);
  });

  test("the auditor is content in either mode, after eager and after lazy attaches", async () => {
    const audits =
      "echo virtual > /proc/mercury/mode; head -n 1 /proc/mercury/audit; echo native > /proc/mercury/mode; head -n 1 /proc/mercury/audit";
    const many = "i=0; while [ $i -lt 8 ]; do sleep 1000 & i=$((i + 1)); done";
    const { output } = await runScript({ switch: ownStrategy }, [audits, many, audits, audits].join("; "));
    expect(output).toBe("ok\n".repeat(6));
  });

  test("a system that the VMM booted stays with it: the switch says why", async () => {
    const script = "(echo native > /proc/mercury/mode); echo status $?; cat /proc/mercury/mode; grep reason /proc/mercury/last";
    const { output } = await runScript({ switch: ownStrategy, mode: "always-on" }, script);
    expect(output).toMatch(/status [1-9]\d*\nvirtual\nreason: the VMM booted first and keeps the machine\n$/);
  });
});
