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
  let part = await console.untilPrompt();
  for (const [index, line] of script.lines.entries()) {
    if (part === null) break;
    await script.before?.(index, running);
    running.send(new TextEncoder().encode(`${line}\n`));
    part = await console.untilPrompt();
    // The first line of the answer is the terminal's echo of the line.
    answers.push((part ?? console.text.slice(console.text.lastIndexOf(line))).replace(/^[^\n]*\n/, ""));
  }
  return answers;
}

/** Boots Mercury on a machine, types a script line by line, and waits for the machine's end. The script ends with `poweroff` or the like. */
export async function session(runner: Runner, script: Script): Promise<Transcript> {
  const machine = defineMachine({ test: true, ...script.machine });
  const image = await buildImage(machine);
  const console = new Console();
  const request = { image, modules: [], commandLine: kernelCommandLine(machine), memory: machine.memory };
  const running = await runner.start({ ...request, onSerial: (port, bytes) => void (port === 0 && console.add(bytes)) });
  const limit = script.limit ?? 120;
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
