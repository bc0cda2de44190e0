import { memoryMap } from "@mercury/abi";
import type { QemuRunning, Running } from "@mercury/machine";
import { describe, expect, test } from "vitest";
import { machines, onEach, qemu } from "./machines.ts";
import { keyed } from "./report.ts";
import { session } from "./session.ts";
import { available } from "./tools.ts";

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
    const attach = keyed(answers[3] ?? "");
    expect(attach).toMatchObject({ direction: "native->virtual", result: "ok", strategy });
    for (const step of steps) expect(Number(attach[`step.${step}`])).toBeGreaterThanOrEqual(0);
    expect(Number(attach["cycles"])).toBeGreaterThan(0);
    expect(answers[4]).toMatch(/^ok$/m);
    expect(Number(answers[5])).toBeGreaterThan(20);
    expect(answers.slice(6, 8)).toEqual(["0\n", "native\n"]);
    expect(keyed(answers[8] ?? "")).toMatchObject({ direction: "virtual->native", result: "ok" });
    expect(answers[9]).toMatch(/^ok$/m);
    expect(exit).toEqual({ kind: "power-off" });
  });

  test.each(["virtual", "always-on"] as const)("the system starts in mode %s", async (mode) => {
    const { answers, exit } = await session(runner, { machine: { mode }, lines: ["cat /proc/mercury/mode", "poweroff"] });
    expect(answers[0]).toBe("virtual\n");
    expect(exit).toEqual({ kind: "power-off" });
  });
});

/** What one look through QEMU's monitor shows. */
interface Look {
  readonly ring: number;
  readonly eip: number;
  readonly gdt: number;
  readonly idt: number;
}

async function look(running: Running): Promise<Look> {
  // Started by QEMU's runner, so it has a monitor.
  const text = await (running as QemuRunning).monitor("info registers");
  const field = (pattern: RegExp): number => Number.parseInt(pattern.exec(text)?.[1] ?? "", 16);
  return {
    ring: field(/CPL=(\d)/),
    eip: field(/EIP=([0-9a-f]+)/),
    gdt: field(/GDT= +([0-9a-f]+)/),
    idt: field(/IDT= +([0-9a-f]+)/),
  };
}

describe.runIf(available(qemu))("seen from outside, by QEMU's monitor", () => {
  /** Looks often at a machine that is busy in kernel and programs. */
  async function watch(mode: "native" | "virtual"): Promise<readonly Look[]> {
    const looks: Look[] = [];
    let looking: Promise<void> | undefined;
    const lookOften = async (running: Running): Promise<void> => {
      for (let count = 0; count < 400; count += 1) looks.push(await look(running));
    };
    const before = async (index: number, running: Running): Promise<void> => {
      if (index === 1) looking = lookOften(running);
      if (index === 2) await looking;
    };
    const busy = "i=0; while [ $i -lt 300 ]; do ls -l /bin > /dev/null; i=$((i + 1)); done";
    await session(qemu, { lines: [`echo ${mode} > /proc/mercury/mode`, busy, "poweroff"], before });
    return looks;
  }

  test("natively the kernel has ring 0 and its own tables", async () => {
    const looks = await watch("native");
    expect(new Set(looks.map(({ ring }) => ring))).toEqual(new Set([0, 3]));
    for (const { gdt, idt, eip } of looks) {
      expect(gdt).toBeLessThan(memoryMap.vmmBase);
      expect(idt).toBeLessThan(memoryMap.vmmBase);
      expect(eip).toBeLessThan(memoryMap.vmmBase);
    }
  });

  test("in virtual mode the kernel runs in ring 1, programs in ring 3, and ring 0 is the VMM's alone, with its tables", async () => {
    const looks = await watch("virtual");
    expect(new Set(looks.map(({ ring }) => ring))).toEqual(new Set([0, 1, 3]));
    for (const { ring, eip, gdt, idt } of looks) {
      expect(gdt).toBeGreaterThanOrEqual(memoryMap.vmmBase);
      expect(idt).toBeGreaterThanOrEqual(memoryMap.vmmBase);
      if (ring === 0) expect(eip).toBeGreaterThanOrEqual(memoryMap.vmmBase);
      if (ring === 1) expect(eip).toBeGreaterThanOrEqual(memoryMap.userEnd);
      if (ring === 3) expect(eip).toBeLessThan(memoryMap.userEnd);
    }
  });
});
