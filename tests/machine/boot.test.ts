import { beforeAll, describe, expect, test } from "vitest";
import { machines, onEach } from "./machines.ts";
import { mercury } from "./mercury.ts";
import { expected, lines, words } from "./script.ts";
import { session, type Transcript } from "./session.ts";

describe("a scripted session", () => {
  const transcripts = new Map<string, Transcript>();

  onEach(machines, (runner) => {
    beforeAll(async () => {
      transcripts.set(runner.name, await session(runner, { lines: [...lines, "poweroff"] }));
    });

    test("the system comes up and says so", () => {
      expect(transcripts.get(runner.name)?.text).toMatch(/^mercury: ready$/m);
    });

    test("every line answers what a shell answers", () => {
      const answers = transcripts.get(runner.name)?.answers ?? [];
      expect(answers.slice(0, lines.length).map(words)).toEqual(expected("native").map(words));
    });

    test("the system switches the power off", () => {
      expect(transcripts.get(runner.name)?.exit).toEqual({ kind: "power-off" });
    });

    test("the transcript is the same as on the other machines", () => {
      const [first] = transcripts.values();
      expect(transcripts.get(runner.name)?.answers.slice(0, -1)).toEqual(first?.answers.slice(0, -1));
    });
  });
});

describe("the command", () => {
  test("boot takes piped input and ends as the guest does", async () => {
    const outcome = await mercury(["boot", "--timeout", "1200"], { input: "echo $((6 * 7))\npoweroff -e 5\n" });
    expect(outcome.stdout).toMatch(/^(# )?42\r?$/m);
    expect(outcome).toMatchObject({ code: 5, stderr: "" });
  });

  test("the end of the input ends nothing: what was begun goes on until the guest switches the power off", async () => {
    // The command reads all of this before the machine starts; the guest sleeps long after the last byte.
    const outcome = await mercury(["boot", "--icount", "--timeout", "1200"], { input: "(sleep 30; echo la''ter; poweroff -e 6) &\n" });
    expect(outcome.stdout).toMatch(/^(# )?later\r?$/m);
    expect(outcome).toMatchObject({ code: 6, stderr: "" });
  });

  test("run prints only the command's output, and keeps its two streams apart", async () => {
    const script = "echo to stdout; echo to stderr >&2; exit 3";
    expect(await mercury(["run", "--timeout", "1200", "--", "sh", "-c", script])).toEqual({
      code: 3,
      stdout: "to stdout\n",
      stderr: "to stderr\n",
    });
  });

  test("run ends with 128 and the signal that killed the command", async () => {
    expect((await mercury(["run", "--timeout", "1200", "--", "sh", "-c", "kill -15 $$"])).code).toBe(128 + 15);
  });

  test("run gives the command our standard input", async () => {
    expect(await mercury(["run", "--timeout", "1200", "--", "cat"], { input: "line\n" })).toMatchObject({ code: 0, stdout: "line\n" });
  });

  test("a command that does not exist is the shell's 127", async () => {
    const outcome = await mercury(["run", "--timeout", "1200", "--", "no-such-command"]);
    expect(outcome).toMatchObject({ code: 127, stdout: "" });
    expect(outcome.stderr).toContain("no-such-command");
  });

  test("a machine that is not done in time ends with 124", async () => {
    const outcome = await mercury(["run", "--timeout", "2", "--", "sleep", "1000"]);
    expect(outcome.code).toBe(124);
    expect(outcome.stderr).toContain("still running after 2 s");
  });

  test("layers lists the four layers and the processor", async () => {
    const outcome = await mercury(["layers"]);
    expect(outcome.stdout.split("\n").map((line) => line.split(/\s+/)[0])).toEqual(["layer", "guest", "vo", "vmm", "switch", "cpu", ""]);
  });
});
