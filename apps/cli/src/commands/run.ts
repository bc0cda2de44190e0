import { commandArchive } from "@mercury/machine";
import { type BootOptions, checkBootOptions } from "../options.ts";
import { CliError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { Output } from "../output.ts";
import { Outside } from "../outside.ts";
import { type Load, prepare } from "../request.ts";
import { conclude, type End, startSession } from "../session.ts";
import { connectInput, readAllInput } from "../terminal.ts";

/** Ctrl-D: what ends the input of a guest that reads from its terminal. */
const endOfInput = Uint8Array.of(0x04);

/** The last of what the console said, for the case that the system fails under the command. */
class Tail {
  #text = "";
  readonly #decoder = new TextDecoder();

  add(bytes: Uint8Array): void {
    this.#text = (this.#text + this.#decoder.decode(bytes, { stream: true })).slice(-16_384);
  }

  get text(): string {
    return this.#text;
  }
}

/** Whether the system, not the command, ended the machine: the kernel says so on the console before its exit code. */
function failed(end: End, consoleText: string): boolean {
  const panicked = end.kind === "code" && end.code === exitCodes.guestFault && consoleText.includes("panic");
  return panicked || end.kind === "triple-fault" || end.kind === "timeout";
}

/** Runs the command that is in `load` on a machine, and gives what the console said beside how it ended. */
async function attend(
  load: Load,
  options: BootOptions,
  typed: Uint8Array | null,
  outside: Outside,
): Promise<{ readonly end: End; readonly console: string }> {
  const tail = new Tail();
  const output = new Output(process.stdout);
  const errors = new Output(process.stderr);
  const onSerial = (port: number, bytes: Uint8Array): void => {
    if (port === 0) tail.add(bytes);
    else (port === 1 ? output : errors).write(bytes);
  };
  const { send, stop, end } = await startSession({ ...load, onSerial }, options, outside);
  output.onFailure(stop);
  const disconnect = typed === null ? connectInput({ send, leave: stop, end: () => send(endOfInput) }) : (): void => {};
  if (typed !== null) {
    send(typed);
    send(endOfInput);
  }
  try {
    const ended = await end;
    await output.finish();
    return { end: ended, console: tail.text };
  } finally {
    disconnect();
  }
}

/** `mercury run -- COMMAND...`: the command's standard output and error become ours, byte for byte, and its status our exit code. */
export async function run(command: readonly string[], options: BootOptions): Promise<number> {
  checkBootOptions(options);
  if (options.kernel !== undefined) throw new CliError(exitCodes.usage, "run needs Mercury's own system; --kernel goes with boot");
  if (options.restore !== undefined)
    throw new CliError(exitCodes.usage, "run starts a command in a machine that boots; --restore goes with boot");
  const load = await prepare(options, [commandArchive(command)]);
  const typed = options.icount && !process.stdin.isTTY ? await readAllInput() : null;
  const outside = new Outside(options.timeout);
  try {
    const { end, console } = await attend(load, options, typed, outside);
    if (failed(end, console)) process.stderr.write(`${console.trimEnd()}\n`);
    return conclude(end, options);
  } finally {
    outside.release();
  }
}
