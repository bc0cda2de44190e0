import { expect, test } from "vitest";
import { machines, onEach, qemu } from "./machines.ts";
import { keyed } from "./report.ts";
import { session } from "./session.ts";

/** Round trips of a storm, and the seed that decides their moments. */
const roundTrips = 1000;
const seed = 9;
/** What a switch can interrupt, as /proc/mercury/storm names it. */
const places = ["at.user", "at.kernel", "at.interrupt", "at.idle"] as const;

onEach(machines, (runner) => {
  test.each(["native", "virtual", "always-on"] as const)("stress loses no byte and no event in mode %s", async (mode) => {
    const { answers } = await session(runner, { machine: { mode }, lines: ["stress 1; echo status $?", "poweroff"], limit: 1200 });
    expect(answers[0]).toMatch(/status 0\n$/);
  });

  test(`a storm of ${roundTrips} round trips hits user code, kernel code, handlers and the idle loop, and nothing is lost`, async () => {
    // Before each load there is time for the idle loop to be hit.
    const load = "while grep -q running /proc/mercury/storm; do sleep 0.5; stress > /tmp/out; echo status $?; done";
    const { answers } = await session(runner, {
      lines: [
        `echo ${roundTrips} ${seed} > /proc/mercury/storm; ${load}`,
        "cat /proc/mercury/storm",
        "cat /proc/mercury/audit",
        "cat /proc/mercury/stats",
        "poweroff",
      ],
      limit: 1200,
    });
    expect(new Set(answers[0]?.trim().split("\n"))).toEqual(new Set(["status 0"]));
    const storm = keyed(answers[1] ?? "");
    expect(storm).toMatchObject({ state: "idle", done: String(roundTrips), failed: "0" });
    const hits = places.map((place) => Number(storm[place]));
    expect(hits.every((count) => count > 0)).toBe(true);
    expect(hits.reduce((sum, count) => sum + count, 0)).toBe(2 * roundTrips);
    // One audit after each switch, and the one that this file's opening made.
    expect(answers[2]).toMatch(/^ok$/m);
    expect(keyed(answers[2] ?? "")["audits"]).toBe(String(2 * roundTrips + 1));
    const trips = { attaches: String(roundTrips), detaches: String(roundTrips) };
    expect(keyed(answers[3] ?? "")).toMatchObject({ ...trips, failures: "0", emulated: "0", table_write_faults: "0" });
  });
});

onEach([qemu], (runner) => {
  test("stress loses nothing while a script switches back and forth 100 times", async () => {
    const loop = "i=0; while [ $i -lt 100 ]; do echo virtual > /proc/mercury/mode; echo native > /proc/mercury/mode; i=$((i + 1)); done";
    const { answers } = await session(runner, {
      lines: [`(${loop}) & stress; echo status $?; wait; cat /proc/mercury/mode`, "poweroff"],
      limit: 1200,
    });
    expect(answers[0]).toMatch(/status 0\nnative\n$/);
  });
});
