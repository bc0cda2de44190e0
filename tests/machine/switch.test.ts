import type { QemuRunning, Running } from "@mercury/machine";
import { describe, expect, test } from "vitest";
import { machines, onEach, qemu } from "./machines.ts";
import { session } from "./session.ts";
import { available } from "./tools.ts";

/** The report of the last switch, by key. */
function report(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .trim()
      .split("\n")
      .map((line) => line.split(/: */, 2)),
  );
}

const steps = ["enter", "check", "memory", "descriptors", "interrupts", "time", "processor", "sites", "reload", "report"];

onEach(machines, (runner) => {
  test.each(["lazy", "recompute"])("a switch there and back, strategy %s", async (strategy) => {
    const { answers, exit } = await session(runner, {
      machine: { strategy },
      lines: [
        "cat /proc/mercury/mode",
        "echo virtual > /proc/mercury/mode; echo $?",
        "cat /proc/mercury/mode",
        "cat /proc/mercury/last",
        "cat /proc/mercury/audit",
        "ls /bin | wc -l",
        "echo native > /proc/mercury/mode; echo $?",
        "cat /proc/mercury/mode",
        "cat /proc/mercury/last",
        "cat /proc/mercury/audit",
        "poweroff",
      ],
    });
    expect(answers.slice(0, 3)).toEqual(["native\n", "0\n", "virtual\n"]);
    const attach = report(answers[3] ?? "");
    expect(attach).toMatchObject({ direction: "native->virtual", result: "ok", strategy });
    for (const step of steps) expect(Number(attach[`step.${step}`])).toBeGreaterThanOrEqual(0);
    expect(Number(attach["cycles"])).toBeGreaterThan(0);
    expect(answers[4]).toBe("ok\n");
    expect(Number(answers[5])).toBeGreaterThan(20);
    expect(answers.slice(6, 8)).toEqual(["0\n", "native\n"]);
    expect(report(answers[8] ?? "")).toMatchObject({ direction: "virtual->native", result: "ok" });
    expect(answers[9]).toBe("ok\n");
    expect(exit).toEqual({ kind: "power-off" });
  });

  test.each(["virtual", "always-on"] as const)("the system starts in mode %s", async (mode) => {
    const { answers, exit } = await session(runner, { machine: { mode }, lines: ["cat /proc/mercury/mode", "poweroff"] });
    expect(answers[0]).toBe("virtual\n");
    expect(exit).toEqual({ kind: "power-off" });
  });
});

/** A field of QEMU's `info registers`. */
function field(text: string, pattern: RegExp): number {
  return Number.parseInt(pattern.exec(text)?.[1] ?? "", 16);
}

describe.runIf(available(qemu))("seen from outside, by QEMU's monitor", () => {
  test("the kernel runs in ring 0 natively and in ring 1 under the VMM, whose tables are loaded then", async () => {
    const seen: string[] = [];
    const look = async (_: number, running: Running): Promise<void> => {
      // Started by QEMU's runner, so it has a monitor.
      seen.push(await (running as QemuRunning).monitor("info registers"));
    };
    await session(qemu, { lines: ["echo virtual > /proc/mercury/mode", "echo native > /proc/mercury/mode", "poweroff"], before: look });
    const [native = "", virtual = "", again = ""] = seen;
    const vmmBase = 0xfe00_0000;
    for (const text of [native, again]) {
      expect(field(text, /CPL=(\d)/)).toBe(0);
      expect(field(text, /GDT= +([0-9a-f]+)/)).toBeLessThan(vmmBase);
    }
    expect(field(virtual, /CPL=(\d)/)).toBe(1);
    expect(field(virtual, /GDT= +([0-9a-f]+)/)).toBeGreaterThanOrEqual(vmmBase);
    expect(field(virtual, /IDT= +([0-9a-f]+)/)).toBeGreaterThanOrEqual(vmmBase);
  });
});
