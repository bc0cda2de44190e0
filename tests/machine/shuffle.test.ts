import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryMap, switchReasons } from "@mercury/abi";
import { writeCpio } from "@mercury/guest-os";
import { buildImage, defineMachine, kernelCommandLine } from "@mercury/machine";
import { createMachine, type Machine } from "@mercury/x86";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bochs, machines, onEach, qemu } from "./machines.ts";
import { mercury } from "./mercury.ts";
import { expected, lines, words } from "./script.ts";
import { session } from "./session.ts";

/**
 * The machine's frames permuted under the kernel's by a seed: whoever takes a pseudo-physical address for a machine one, in the kernel, the virtual objects, the VMM
 * or the switch, meets wrong memory.
 */
const mega = 0x10_0000;
/** Multiboot 0.6.96, section 3.1.1. */
const multibootMagic = 0x1bad_b002;

/** The machine's chunk under each of the kernel's, as /proc/mercury/p2m lists them. */
function order(p2m: string): number[] {
  return p2m
    .trim()
    .split("\n")
    .map((line, chunk) => {
      const [first, machine] = line.split(" ").map(Number);
      expect(first).toBe(chunk);
      return machine ?? Number.NaN;
    });
}

/** Every chunk lies elsewhere, and each machine chunk under one. */
function expectShuffled(chunks: readonly number[]): void {
  expect(chunks.toSorted((a, b) => a - b)).toEqual(chunks.map((_, index) => index));
  expect(chunks.filter((machine, index) => machine === index)).toEqual([]);
}

onEach(machines, (runner) => {
  const seeds = runner === qemu ? [1, 2] : runner === bochs ? [3] : [1, 2, 3];

  test.each(seeds)("always-on, seed %i: the whole system works, nothing is emulated, and the auditor agrees", async (shuffle) => {
    const more = [
      "stress 1; echo status $?",
      "cat /proc/mercury/audit",
      "cat /proc/mercury/stats",
      "cat /proc/mercury/p2m",
      "echo native > /proc/mercury/mode; echo $?",
      "cat /proc/mercury/mode",
      "cat /proc/mercury/last",
      "poweroff",
    ];
    const { answers, exit, text } = await session(runner, { machine: { shuffle }, lines: [...lines, ...more], limit: 1200 });
    expect(text).toMatch(/^mercury: shuffled, 64 of 64 chunks of memory lie elsewhere$/m);
    expect(answers.slice(0, lines.length).map(words)).toEqual(expected("always-on").map(words));
    const [stress, audit, stats, p2m, refusal, mode, last] = answers.slice(lines.length);
    expect(stress).toMatch(/status 0\n$/);
    expect(audit).toMatch(/^ok$/m);
    expect(stats).toMatch(/^emulated: 0$/m);
    expect(stats).toMatch(/^table_write_faults: 0$/m);
    expectShuffled(order(p2m ?? ""));
    expect(refusal).not.toMatch(/^0$/m);
    expect(mode).toBe("virtual\n");
    expect(last).toContain(`reason: ${switchReasons.find(({ name }) => name === "alwaysOn")?.text}\n`);
    expect(exit).toEqual({ kind: "power-off" });
  });

  test.each(["lazy", "recompute"])("the switch goes there and back over shuffled frames, strategy %s", async (strategy) => {
    const switches = ["virtual", "native"].flatMap((mode) => [
      `echo ${mode} > /proc/mercury/mode; echo $?`,
      "cat /proc/mercury/audit",
      "ls /bin | wc -l",
    ]);
    const storm = ["echo 20 7 > /proc/mercury/storm; stress 1; echo status $?", "cat /proc/mercury/storm", "cat /proc/mercury/audit"];
    const { answers, exit } = await session(runner, {
      machine: { shuffle: 4, mode: "native", strategy },
      lines: ["cat /proc/mercury/p2m", "cat /proc/mercury/mode", ...switches, ...storm, "poweroff"],
      limit: 1200,
    });
    expectShuffled(order(answers[0] ?? ""));
    expect(answers[1]).toBe("native\n");
    for (const at of [2, 5]) {
      expect(answers[at]).toBe("0\n");
      expect(answers[at + 1]).toMatch(/^ok$/m);
      expect(Number(answers[at + 2])).toBeGreaterThan(20);
    }
    expect(answers[8]).toMatch(/status 0\n$/);
    expect(answers[9]).toMatch(/^done: 20$/m);
    expect(answers[9]).toMatch(/^failed: 0$/m);
    expect(answers[10]).toMatch(/^ok$/m);
    expect(exit).toEqual({ kind: "power-off" });
  });

  test("16 MB, four chunks, are enough", async () => {
    const { answers, exit } = await session(runner, {
      machine: { shuffle: 6, memory: 16 },
      lines: ["cat /proc/mercury/p2m", "stress 1; echo status $?", "cat /proc/mercury/audit", "poweroff"],
    });
    expectShuffled(order(answers[0] ?? ""));
    expect(answers[1]).toMatch(/status 0\n$/);
    expect(answers[2]).toMatch(/^ok$/m);
    expect(exit).toEqual({ kind: "power-off" });
  });
});

onEach(
  machines.filter((runner) => runner !== bochs),
  (runner) => {
    test("the table zone may be several chunks that lie apart, all of them in use", async () => {
      // 1 GB has a zone of four chunks; 400 processes with two leaves each need more tables than one chunk holds.
      const crowd = "i=0; while [ $i -lt 400 ]; do sleep 10000 & i=$((i + 1)); done > /dev/null";
      const { answers } = await session(runner, {
        machine: { shuffle: 13, memory: 1024, mode: "native" },
        lines: [
          crowd,
          "echo virtual > /proc/mercury/mode",
          "for p in /proc/[0-9]*; do cat $p/cmdline; done | wc -c",
          "cat /proc/mercury/audit",
          "echo native > /proc/mercury/mode",
          "cat /proc/mercury/audit",
          "poweroff",
        ],
        limit: 1200,
      });
      expect(Number(answers[2])).toBeGreaterThan(400 * "sleep 10000".length);
      expect(answers[3]).toMatch(/^ok$/m);
      expect(answers[5]).toMatch(/^ok$/m);
      // Virtual mode has validated only what was touched since; natively the auditor finds every table.
      const tables = ["directories", "leaves"].map((key) => Number(new RegExp(`^${key}: (\\d+)$`, "m").exec(answers[5] ?? "")?.[1]));
      expect((tables[0] ?? 0) + (tables[1] ?? 0)).toBeGreaterThan(memoryMap.chunkSize / memoryMap.pageSize);
    });
  },
);

describe("seen from outside", () => {
  let machine: Machine;
  let output = "";

  /** What a line prints. */
  function type(line: string): string {
    output = "";
    if (line !== "") machine.receive(0, new TextEncoder().encode(`${line}\n`));
    for (let slices = 0; slices < 1000 && !output.endsWith("# "); slices++) machine.run(1_000_000);
    return output.replaceAll("\r", "").split("\n").slice(1, -1).join("\n");
  }

  test("what the kernel says of its frames is so: image, tables and CR3 lie where the map names them", async () => {
    const definition = defineMachine({ shuffle: 8, memory: 64 });
    machine = createMachine({
      memory: 64 * mega,
      icount: true,
      transmit: (port, byte) => void (port === 0 && (output += String.fromCharCode(byte))),
    });
    machine.load({ image: await buildImage(definition), commandLine: kernelCommandLine(definition) });
    type("");
    const chunks = order(type("cat /proc/mercury/p2m"));
    expectShuffled(chunks);
    const place = (address: number): number =>
      (chunks[Math.floor(address / memoryMap.chunkSize)] ?? 0) * memoryMap.chunkSize + (address % memoryMap.chunkSize);
    const ram = new DataView(machine.ram.buffer, machine.ram.byteOffset, machine.ram.length);
    expect(ram.getUint32(place(memoryMap.kernelLoadBase), true)).toBe(multibootMagic);
    expect(ram.getUint32(memoryMap.kernelLoadBase, true)).not.toBe(multibootMagic);
    const directory = machine.registers.cr3;
    const reserve = place(64 * mega - memoryMap.chunkSize);
    expect([place(memoryMap.zoneBase), reserve]).toContain(directory - (directory % memoryMap.chunkSize));
    const slot = ram.getUint32(directory + 4 * (memoryMap.directMapBase >>> 22), true);
    expect(slot >>> 22).toBe(chunks[0]);
  });
});

describe("the command", () => {
  let folder = "";
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "mercury-shuffle-"))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("the same seed leaves the same memory after the same instructions, another seed another memory", async () => {
    const run = async (seed: number): Promise<{ readonly instructions: number; readonly memory_hash: string }> => {
      const stats = join(folder, "stats");
      const script = "ls -l /bin > /tmp/list; cat /proc/mercury/audit > /tmp/audit";
      const { code, stderr } = await mercury([
        "run",
        "--icount",
        "--timeout",
        "1200",
        "--shuffle",
        `${seed}`,
        "--stats",
        stats,
        "--",
        "sh",
        "-c",
        script,
      ]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return JSON.parse(readFileSync(stats, "utf8"));
    };
    const first = await run(21);
    expect(await run(21)).toEqual(first);
    expect((await run(22)).memory_hash).not.toBe(first.memory_hash);
  });

  test("what leaves no room to shuffle is refused with a sentence", async () => {
    const rootfs = join(folder, "large.cpio");
    writeFileSync(rootfs, writeCpio([{ path: "large", mode: 0o100644, contents: new Uint8Array(9 * mega), inode: 0, links: 1 }]));
    const { code, stderr } = await mercury([
      "run",
      "--timeout",
      "1200",
      "--memory",
      "16",
      "--shuffle",
      "1",
      "--rootfs",
      rootfs,
      "--",
      "true",
    ]);
    expect(code).toBe(101);
    expect(stderr).toContain("panic: too little memory to shuffle");
  });

  test("a seed that is no number is refused by the kernel too", async () => {
    const { code, stderr } = await mercury(["run", "--timeout", "1200", "--append", "shuffle=much", "--", "true"]);
    expect(code).toBe(101);
    expect(stderr).toContain("panic: shuffle= takes a number");
  });
});
