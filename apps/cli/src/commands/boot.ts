import { type BootOptions, checkBootOptions } from "../options.ts";
import { Output } from "../output.ts";
import { Outside } from "../outside.ts";
import { type Load, prepare } from "../request.ts";
import { conclude, type End, startSession } from "../session.ts";
import { connectInput, readAllInput } from "../terminal.ts";

/** The ends of one console: what a machine says, what was typed before it started (null: it is typed while it runs), and who may end it. */
interface Console {
  readonly output: Output;
  readonly typed: Uint8Array | null;
  readonly outside: Outside;
}

/** Lets the console of one machine meet this process's standard input and output. */
async function attend(load: Load, options: BootOptions, { output, typed, outside }: Console): Promise<End> {
  const onSerial = (port: number, bytes: Uint8Array): void => void (port === 0 && output.write(bytes));
  const { send, stop, end } = await startSession({ ...load, onSerial }, options, outside);
  output.onFailure(stop);
  const disconnect = typed === null ? connectInput({ send, leave: stop, end: () => {} }) : (): void => {};
  if (typed !== null) send(typed);
  try {
    return await end;
  } finally {
    disconnect();
  }
}

/** What somebody at a terminal has to know first; whoever has read it finds the rest. */
function greeting({ kernel, restore }: BootOptions): string {
  const wayOut = "Ctrl-A X ends the machine";
  if (kernel !== undefined || restore !== undefined) return wayOut;
  return `${wayOut}; try: echo virtual > /proc/mercury/mode; cat /proc/mercury/last`;
}

/**
 * `mercury boot`. A guest that asks for a reset is started again. With `--icount` and no terminal the whole input is read
 * first, so that the moments at which the guest takes it do not depend on this process.
 */
export async function boot(options: BootOptions): Promise<number> {
  checkBootOptions(options);
  const load = await prepare(options);
  const typed = options.icount && !process.stdin.isTTY ? await readAllInput() : null;
  if (process.stdin.isTTY) process.stderr.write(`mercury: ${greeting(options)}\n`);
  const console = { output: new Output(process.stdout), typed, outside: new Outside(options.timeout) };
  try {
    let end = await attend(load, options, console);
    while (end.kind === "reset") end = await attend(load, options, { ...console, typed: typed === null ? null : new Uint8Array(0) });
    await console.output.finish();
    return conclude(end, options);
  } finally {
    console.outside.release();
  }
}
