import { expect, test } from "vitest";
import { machines, onEach } from "./machines.ts";
import { session } from "./session.ts";

/** Signal 11, SIGSEGV, as the shell's status. */
const killed = `${128 + 11}\n`;

onEach(machines, (runner) => {
  test.each(["native", "virtual", "always-on"] as const)("a hostile program dies alone in mode %s", async (mode) => {
    const attacks = ["cli", "reserve", "table"].map((attack) => `crash ${attack} 2>/dev/null; echo $?`);
    const { answers, exit } = await session(runner, { hostile: true, machine: { mode }, lines: [...attacks, "echo alive", "poweroff"] });
    expect(answers.slice(0, 3).map((answer) => answer.split("\n").slice(-2).join("\n"))).toEqual([killed, killed, killed]);
    expect(answers[3]).toBe("alive\n");
    expect(exit).toEqual({ kind: "power-off" });
  });
});
