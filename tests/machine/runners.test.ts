import { bochs, type Exit, qemu, type Runner, x86 } from "@mercury/machine";
import { describe, expect, test } from "vitest";
import { keys, second, serialProgram, third, exitCode } from "./programs/serial.ts";
import { available } from "./tools.ts";

const image = serialProgram();
const modules = ["first module\n", "second module\n"].map((text) => new TextEncoder().encode(`${text}\0`));

interface Outcome {
  readonly exit: Exit;
  readonly ports: readonly string[];
}

/** Runs the program with some input to its end. */
async function drive(runner: Runner, input: string): Promise<Outcome> {
  const ports = ["", "", ""];
  const request = { image, modules, commandLine: "alpha beta=1", memory: 64 };
  const running = await runner.start({
    ...request,
    onSerial: (port, bytes) => void (ports[port] += Buffer.from(bytes).toString("latin1")),
  });
  running.send(new TextEncoder().encode(input));
  return { exit: await running.done, ports };
}

for (const runner of [x86(), x86({ icount: true }), qemu, bochs]) {
  describe.runIf(available(runner))(runner.name, () => {
    test("the program's text, its input and the three ports arrive whole", async () => {
      const { exit, ports } = await drive(runner, `some input${keys.powerOff}`);
      expect(exit).toEqual({ kind: "power-off" });
      // QEMU puts the image's file name before the command line.
      expect(ports[0]?.replace(/^hello: \S+ alpha/, "hello: alpha")).toBe("hello: alpha beta=1\nfirst module\nsecond module\nsome inputQ");
      expect(ports.slice(1)).toEqual([second, third]);
    });

    test("an exit code is told apart from switching off", async () => {
      const { exit } = await drive(runner, keys.exit);
      expect(exit).toEqual(runner.name === "bochs" ? { kind: "power-off" } : { kind: "code", code: exitCode });
    });

    test("a triple fault ends the machine", async () => {
      expect((await drive(runner, keys.tripleFault)).exit.kind).toBe("triple-fault");
    });

    // Bochs does not end there: it starts the machine again.
    if (runner.name !== "bochs") {
      test("a reset ends the machine", async () => {
        expect((await drive(runner, keys.reset)).exit).toEqual({ kind: "reset" });
      });
    }

    test("a machine can be stopped from outside", async () => {
      const running = await runner.start({ image, modules: [], commandLine: "", memory: 64, onSerial: () => running.stop() });
      expect(await running.done).toEqual({ kind: "stopped" });
    });
  });
}
