import { bootRequest, commandArchive, defineMachine, type Exit, type MachineDefinition, type Runner, x86 } from "@mercury/machine";

/** A machine that has come to its end. */
export interface Booted {
  readonly exit: Exit;
  /** What COM1, COM2 and COM3 sent, with line ends as `\n`. */
  readonly serial: readonly string[];
}

/** Real seconds after which a machine that does not end is stopped: its test then fails by the exit, not by hanging. */
const limit = 300;

/** Builds the machine's image, or takes it from the cache, and runs it to its end. `modules` are RAM disks laid over the system's own. */
export async function boot(definition: MachineDefinition, runner: Runner, modules: readonly Uint8Array[] = []): Promise<Booted> {
  const request = await bootRequest(defineMachine(definition));
  const serial = ["", "", ""];
  const running = await runner.start({
    ...request,
    modules,
    onSerial: (port, bytes) => void (serial[port] += Buffer.from(bytes).toString("latin1").replaceAll("\r", "")),
  });
  const timer = setTimeout(() => running.stop(), limit * 1000);
  const exit = await running.done.finally(() => clearTimeout(timer));
  return { exit, serial };
}

/** What a script printed on standard output, the status that it ended with, and everything on the console. */
export interface ScriptRun {
  readonly output: string;
  readonly exit: Exit;
  readonly console: string;
}

/** Has the guest's shell run a script on our own machine, whose time is retired instructions: two runs are the same. */
export async function runScript(definition: MachineDefinition, script: string): Promise<ScriptRun> {
  const { exit, serial } = await boot(definition, x86({ icount: true }), [commandArchive(["sh", "-c", script])]);
  const [console = "", output = ""] = serial;
  return { output, exit, console };
}
