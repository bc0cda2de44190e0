import { beforeAll, describe, expect, test } from "vitest";
import { machines, onEach } from "./machines.ts";
import { mercury } from "./mercury.ts";
import { session, type Transcript } from "./session.ts";

/** A session that touches every part of the system, and prints nothing that depends on the machine. */
const lines = [
  "echo hello",
  "cat /proc/mercury/mode",
  "mkdir /tmp/d && cd /tmp/d && echo one two three > words && wc words",
  "cat words | grep two | wc -l",
  "i=0; while [ $i -lt 5 ]; do echo $((i * i)); i=$((i + 1)); done",
  "(sleep 1; echo later) & wait; echo waited",
  "sh -c 'exit 7'; echo $?",
  "sh -c 'kill -9 $$'; echo $?",
  "ls -l /bin/sh | head -n 1 | wc -l",
  "ls /nowhere; echo $?",
  "poweroff",
];

const expected: readonly string[] = [
  "hello\n",
  "native\n",
  " 1  3 14 words\n",
  "1\n",
  "0\n1\n4\n9\n16\n",
  "[PID]\nlater\nwaited\n",
  "7\n",
  "Killed (process PID)\n137\n",
  "1\n",
];

describe("a scripted session", () => {
  const transcripts = new Map<string, Transcript>();

  onEach(machines, (runner) => {
    beforeAll(async () => {
      transcripts.set(runner.name, await session(runner, { lines }));
    });

    test("the system comes up and says so", () => {
      expect(transcripts.get(runner.name)?.text).toMatch(/^mercury: ready$/m);
    });

    test("every line answers what a shell answers", () => {
      const answers = transcripts.get(runner.name)?.answers ?? [];
      expect(answers.slice(0, expected.length).map(words)).toEqual(expected.map(words));
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

/** Words of each line: columns may be padded as the program likes, and processes numbered. */
function words(text: string): string[] {
  const numbered = text.replace(/^\[\d+\]$/m, "[PID]").replace(/\(process \d+\)/, "(process PID)");
  return numbered.split("\n").map((line) => line.trim().replaceAll(/\s+/g, " "));
}

describe("the command", () => {
  test("boot takes piped input and ends as the guest does", async () => {
    const outcome = await mercury(["boot", "--timeout", "120"], { input: "echo $((6 * 7))\npoweroff -e 5\n" });
    expect(outcome.stdout).toMatch(/^(# )?42\r?$/m);
    expect(outcome).toMatchObject({ code: 5, stderr: "" });
  });

  test("the end of the input ends nothing: what was begun goes on until the guest switches the power off", async () => {
    // The command reads all of this before the machine starts; the guest sleeps long after the last byte.
    const outcome = await mercury(["boot", "--icount", "--timeout", "120"], { input: "(sleep 30; echo la''ter; poweroff -e 6) &\n" });
    expect(outcome.stdout).toMatch(/^(# )?later\r?$/m);
    expect(outcome).toMatchObject({ code: 6, stderr: "" });
  });

  test("a guest that nobody switches off is ended by --timeout alone", async () => {
    const outcome = await mercury(["boot", "--timeout", "1"], { input: "" });
    expect(outcome).toMatchObject({ code: 124, stderr: "mercury: the machine was still running after 1 s\n" });
  });

  test("run prints only the command's output, and keeps its two streams apart", async () => {
    const script = "echo to stdout; echo to stderr >&2; exit 3";
    expect(await mercury(["run", "--timeout", "120", "--", "sh", "-c", script])).toEqual({
      code: 3,
      stdout: "to stdout\n",
      stderr: "to stderr\n",
    });
  });

  test("run ends with 128 and the signal that killed the command", async () => {
    expect((await mercury(["run", "--timeout", "120", "--", "sh", "-c", "kill -15 $$"])).code).toBe(128 + 15);
  });

  test("run gives the command our standard input", async () => {
    expect(await mercury(["run", "--timeout", "120", "--", "cat"], { input: "line\n" })).toMatchObject({ code: 0, stdout: "line\n" });
  });

  test("a command that does not exist is the shell's 127", async () => {
    const outcome = await mercury(["run", "--timeout", "120", "--", "no-such-command"]);
    expect(outcome).toMatchObject({ code: 127, stdout: "" });
    expect(outcome.stderr).toContain("no-such-command");
  });

  test("a machine that is not done in time ends with 124", async () => {
    const outcome = await mercury(["run", "--timeout", "2", "--", "sleep", "1000"]);
    expect(outcome.code).toBe(124);
    expect(outcome.stderr).toContain("still running after 2 s");
  });

  test("layers lists the four layers", async () => {
    const outcome = await mercury(["layers"]);
    expect(outcome.stdout.split("\n").map((line) => line.split(/\s+/)[0])).toEqual(["layer", "guest", "vo", "vmm", "switch", ""]);
  });
});
