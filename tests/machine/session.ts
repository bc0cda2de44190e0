import {
  buildImage,
  defineMachine,
  type Exit,
  kernelCommandLine,
  type MachineDefinition,
  type Runner,
  type Running,
} from "@mercury/machine";

/** What the shell shows when it waits for a line. */
const prompt = "# ";

export interface Script {
  /** Lines for the shell, each sent when the prompt before it has come. */
  readonly lines: readonly string[];
  /** The test image, unless it says otherwise: the kernel recounts everything after each switch and panics at a difference. */
  readonly machine?: MachineDefinition;
  /** Multiboot modules: RAM disks that are laid over the system's own. */
  readonly modules?: readonly Uint8Array[];
  /** The script makes ring 1 or 3 do what the VMM counts: `emulated` and `table_write_faults` need not be 0 at its end. */
  readonly hostile?: true;
  /** Real seconds after which the machine is stopped and the session fails. */
  readonly limit?: number;
  /** Called when the prompt before line `index` has come, before the line is sent. */
  readonly before?: (index: number, running: Running) => Promise<void>;
}

export interface Transcript {
  readonly exit: Exit;
  /** Everything on the console, from the first byte on, with line ends as `\n`. */
  readonly text: string;
  /** What each line printed, without its echo and the prompt after it. */
  readonly answers: readonly string[];
}

/** One console: gathers what comes, and says when the shell waits. */
class Console {
  text = "";
  #start = 0;
  #waiting: ((found: boolean) => void) | undefined;

  add(bytes: Uint8Array): void {
    this.text += Buffer.from(bytes).toString("latin1").replaceAll("\r", "");
    if (this.#atPrompt()) this.#answer(true);
  }

  /** Everything since the last call up to the next prompt; null when the machine ends first. */
  async untilPrompt(): Promise<string | null> {
    const found = this.#atPrompt() || (await new Promise<boolean>((resolve) => (this.#waiting = resolve)));
    if (!found) return null;
    const part = this.text.slice(this.#start, -prompt.length);
    this.#start = this.text.length;
    return part;
  }

  close(): void {
    this.#answer(false);
  }

  /** The prompt is at the end of what came since the last one. */
  #atPrompt(): boolean {
    return this.text.slice(this.#start).endsWith(prompt);
  }

  #answer(found: boolean): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(found);
  }
}

async function type(console: Console, running: Running, script: Script): Promise<string[]> {
  const answers: string[] = [];
  let alive = (await console.untilPrompt()) !== null;
  const ask = async (line: string): Promise<string> => {
    running.send(new TextEncoder().encode(`${line}\n`));
    const part = await console.untilPrompt();
    alive = part !== null;
    // The first line of the answer is the terminal's echo of the line.
    return (part ?? console.text.slice(console.text.lastIndexOf(line))).replace(/^[^\n]*\n/, "");
  };
  for (const [index, line] of script.lines.entries()) {
    if (!alive) break;
    await script.before?.(index, running);
    if (line === "poweroff" && script.hostile !== true) checkCounters(await ask("cat /proc/mercury/stats"));
    answers.push(await ask(line));
  }
  return answers;
}

/**
 * What disassembly of the image cannot see: instructions that ring 1 executed and the VMM had to make good, and stores into tables. A kernel that goes
 * through its virtual objects causes neither.
 */
function checkCounters(stats: string): void {
  for (const counter of ["emulated", "table_write_faults"]) {
    const value = new RegExp(`^${counter}: (\\d+)$`, "m").exec(stats)?.[1];
    if (value !== "0") throw new Error(`at the end of the session ${counter} is ${value ?? `missing from:\n${stats}`}`);
  }
}

/** Boots Mercury on a machine, types a script line by line, and waits for the machine's end. The script ends with `poweroff` or the like. */
export async function session(runner: Runner, script: Script): Promise<Transcript> {
  const machine = defineMachine({ test: true, ...script.machine });
  const image = await buildImage(machine);
  const console = new Console();
  const request = { image, modules: script.modules ?? [], commandLine: kernelCommandLine(machine), memory: machine.memory };
  const running = await runner.start({ ...request, onSerial: (port, bytes) => void (port === 0 && console.add(bytes)) });
  const limit = script.limit ?? 600;
  const timer = setTimeout(() => running.stop(), limit * 1000);
  const done = running.done.finally(() => {
    clearTimeout(timer);
    console.close();
  });
  const answers = await type(console, running, script);
  const exit = await done;
  if (exit.kind === "stopped") throw new Error(`${runner.name}: still running after ${limit} s; the console said:\n${console.text}`);
  return { exit, text: console.text, answers };
}
