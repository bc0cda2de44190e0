import { importsOf, runScript } from "@acme/testing";
import { defineMachine } from "@mercury/machine";
import { metal } from "@mercury/toolchain/testing";
import { describe, expect, test } from "vitest";
import { ownStrategy } from "./src/index.ts";

/** There and back; prints how the way there went. */
const roundTrip = "echo virtual > /proc/mercury/mode; cat /proc/mercury/last; echo native > /proc/mercury/mode";
const many = "i=0; while [ $i -lt 8 ]; do sleep 1000 & i=$((i + 1)); done";

/** The values of a key of /proc/mercury/last, one for each report in a text. */
function values(text: string, key: string): string[] {
  return [...text.matchAll(new RegExp(`^${key}: (.*)$`, "gm"))].map(([, value = ""]) => value);
}

test("takes of Mercury only the contract", () => {
  const root = import.meta.dirname;
  expect(importsOf(root, "src")).toEqual(["@mercury/abi"]);
  expect(importsOf(root, "metal")).toEqual(["@mercury/abi/metal", "mercury:vmm", "mercury:vo"]);
});

test("the kernel's side tells the strategies that the descriptor lists, in its order", async () => {
  const { strategyCount, strategyName, memory } = await metal("@acme/own-strategy/metal/request", ownStrategy.root, {});
  const names = Array.from({ length: Number(strategyCount?.()) }, (_, strategy) => {
    const bytes = new Uint8Array(memory.buffer, Number(strategyName?.(strategy)));
    return Buffer.from(bytes.subarray(0, bytes.indexOf(0))).toString("latin1");
  });
  expect(names).toEqual(ownStrategy.strategies);
});

test("a strategy of the standard switch is none of this one's", () => {
  // A description in JavaScript may say it; the type checker takes no such definition.
  const definition: object = { switch: ownStrategy, strategy: "lazy" };
  expect(() => defineMachine(definition)).toThrow('The switch "own-strategy" has no strategy "lazy"; it has running, bounded.');
});

describe("on our machine, under the standard guest and VMM", () => {
  test("running: an attach validates the space of the program that asks, however many there are", async () => {
    const { output } = await runScript({ switch: ownStrategy }, [roundTrip, many, roundTrip].join("; "));
    expect(values(output, "result")).toEqual(["ok", "ok"]);
    expect(values(output, "strategy")).toEqual(["running", "running"]);
    const [before = 0, after = 0] = values(output, "tables").map(Number);
    // A directory, and leaves at least for the program and for its stack.
    expect(before).toBeGreaterThanOrEqual(3);
    expect(after).toBe(before);
  });

  test("bounded: a small system is validated at once; one that grew too large is left for first touch, and looked at again later", async () => {
    const script = [roundTrip, roundTrip, many, roundTrip, roundTrip, roundTrip, roundTrip].join("; ");
    const { output } = await runScript({ switch: ownStrategy, strategy: "bounded" }, script);
    expect(values(output, "result")).toEqual(Array(6).fill("ok"));
    expect(values(output, "strategy")).toEqual(Array(6).fill("bounded"));
    const [small = 0, same = 0, large = 0, rest = 1, more = 1, again = 0] = values(output, "tables").map(Number);
    expect(small).toBeGreaterThan(0);
    // Shells and cats come and go; a process has a directory and leaves for its image and its stack.
    expect(Math.abs(same - small)).toBeLessThanOrEqual(3);
    expect(large).toBeGreaterThanOrEqual(small + 8 * 3 - 3);
    expect([rest, more]).toEqual([0, 0]);
    expect(again).toBeGreaterThan(24);
  });

  test.each(["running", "bounded"] as const)("%s: the auditor is content in either mode", async (strategy) => {
    const audits =
      "echo virtual > /proc/mercury/mode; head -n 1 /proc/mercury/audit; echo native > /proc/mercury/mode; head -n 1 /proc/mercury/audit";
    const { output } = await runScript({ switch: ownStrategy, strategy }, [audits, many, audits, audits].join("; "));
    expect(output).toBe("ok\n".repeat(6));
  });

  test("a system that the VMM booted stays with it: the switch says why", async () => {
    const script = "(echo native > /proc/mercury/mode); echo status $?; cat /proc/mercury/mode; grep reason /proc/mercury/last";
    const { output } = await runScript({ switch: ownStrategy, mode: "always-on" }, script);
    expect(output).toMatch(/status [1-9]\d*\nvirtual\nreason: the VMM booted first and keeps the machine\n$/);
  });
});
