import { type BootOptions, checkBootOptions } from "../options.ts";
import { Output } from "../output.ts";
import { type Load, prepare } from "../request.ts";
import { conclude, type End, startSession } from "../session.ts";
import { connectInput, readAllInput } from "../terminal.ts";

/** Lets the console of one machine meet this process's standard input and output. */
async function attend(load: Load, options: BootOptions, typed: Uint8Array | null): Promise<End> {
  const output = new Output(process.stdout);
  const session = await startSession({ ...load, onSerial: (port, bytes) => void (port === 0 && output.write(bytes)) }, options);
  output.onFailure(session.stop);
  const { send, stop } = session;
  const disconnect = typed === null ? connectInput({ send, leave: stop, end: () => {} }) : (): void => {};
  if (typed !== null) send(typed);
  try {
    const end = await session.end;
    await output.finish();
    return end;
  } finally {
    disconnect();
  }
}

/**
 * `mercury boot`. A guest that asks for a reset is started again. With `--icount` and no terminal the whole input is read
 * first, so that the moments at which the guest takes it do not depend on this process.
 */
export async function boot(options: BootOptions): Promise<number> {
  checkBootOptions(options);
  const load = await prepare(options);
  const typed = options.icount && !process.stdin.isTTY ? await readAllInput() : null;
  let end = await attend(load, options, typed);
  while (end.kind === "reset") end = await attend(load, options, typed === null ? null : new Uint8Array(0));
  return conclude(end, options);
}
