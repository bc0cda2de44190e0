import { expect, test } from "vitest";
import { isolationImage } from "./isolation/image.ts";
import { runImage } from "./isolation/run.ts";
import { bochs, onEach, x86 } from "./machines.ts";

/** Real seconds for a billion instructions on a busy host. */
const patience = 1700;

/**
 * What rings 1 and 3 try, how many times, and how often it goes through: as often as the rules of the design say, worked out from the contract alone
 * (isolation/metal/oracle.ts). A probe that goes through and must not, or the other way round, is wrong.
 */
const groups = [
  ["ring 1", "segment registers", 327_680, 97],
  ["ring 1", "lar, lsl, verr, verw", 262_144, 74],
  ["ring 1", "far transfers", 262_144, 8],
  ["ring 1", "int n", 256, 5],
  ["ring 1", "privileged and sensitive instructions", 47, 17],
  ["ring 1", "the hole", 164_960, 0],
  ["ring 1", "tables", 102_400, 40_960],
  ["ring 1", "the hole through a TLS slot", 2_565, 2],
  ["ring 1", "TLS descriptors", 145_920, 46_080],
  ["audit 0"],
  ["ring 3", "segment registers", 327_680, 83],
  ["ring 3", "lar, lsl, verr, verw", 262_144, 60],
  ["ring 3", "far transfers", 262_144, 10],
  ["ring 3", "int n", 256, 3],
  ["ring 3", "privileged and sensitive instructions", 47, 8],
  ["ring 3", "the hole", 206_968, 0],
  ["ring 3", "tables", 81_920, 0],
  ["ring 3", "TLS descriptors", 197_120, 46_080],
  ["audit 0"],
  ["ring 1", "leaf entries", 525_312, 281_152],
  ["ring 1", "directory slots", 262_400, 163_840],
  ["ring 1", "the kernel's half", 6_656, 0],
  ["ring 1", "tables in use", 2_059, 0],
  ["audit 0"],
].map(([ring, group, probes, allowed]) =>
  group === undefined ? ring : `${ring} | ${group} | ${probes} probes | ${allowed} allowed | 0 wrong`,
);

// TCG checks no segment limits: on QEMU the hole is open to ring 1.
onEach([x86({ icount: true }), bochs], (runner) => {
  test("rings 1 and 3 reach what they may by every selector, gate, mapping and descriptor, and nothing else", async () => {
    const { exit, lines } = await runImage(runner, await isolationImage(), patience);
    expect(lines.filter((line) => /^(ring|audit| {2}|UNEXPECTED|vmm)/.test(line))).toEqual(groups);
    expect(exit.kind).toBe(runner.name === "bochs" ? "power-off" : "code");
  });
});
