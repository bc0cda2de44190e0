import { expect, test } from "vitest";
import { machines, onEach, qemu } from "./machines.ts";
import { session } from "./session.ts";

onEach(machines, (runner) => {
  test.each(["native", "virtual", "always-on"] as const)("stress loses no byte and no event in mode %s", async (mode) => {
    const { answers } = await session(runner, { machine: { mode }, lines: ["stress 1; echo status $?", "poweroff"], limit: 300 });
    expect(answers[0]).toMatch(/status 0\n$/);
  });

  test("a storm of switches from interrupts goes through", async () => {
    const lines = ["echo 20 1 > /proc/mercury/storm; sleep 3; cat /proc/mercury/storm", "cat /proc/mercury/audit", "poweroff"];
    const { answers } = await session(runner, { lines, limit: 300 });
    expect(answers[0]).toMatch(/^done: *20$/m);
    expect(answers[0]).toMatch(/^failed: *0$/m);
    expect(answers[1]).toMatch(/^ok$/m);
  });
});

onEach([qemu], (runner) => {
  test("stress loses nothing while a script switches back and forth 100 times", async () => {
    const loop = "i=0; while [ $i -lt 100 ]; do echo virtual > /proc/mercury/mode; echo native > /proc/mercury/mode; i=$((i + 1)); done";
    const { answers } = await session(runner, {
      lines: [`(${loop}) & stress; echo status $?; wait; cat /proc/mercury/mode`, "poweroff"],
      limit: 300,
    });
    expect(answers[0]).toMatch(/status 0\nnative\n$/);
  });
});
