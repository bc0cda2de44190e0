import { type Exit, MachineError, openDisks, type OpenDisks, type RunRequest, type X86Running, x86 } from "@mercury/machine";
import { exitCodes } from "./exit-codes.ts";
import { CliError } from "./errors.ts";
import { writeOutput } from "./files.ts";
import type { BootOptions } from "./options.ts";
import type { Load } from "./request.ts";

/** How a session ended: as the machine did, or because its time was up. */
export type End = Exit | { readonly kind: "timeout" };

/** A machine at work under the options of `boot` and `run`. */
export interface Session {
  readonly send: (bytes: Uint8Array) => void;
  readonly stop: () => void;
  readonly end: Promise<End>;
}

/** What a session is started with. */
type SessionRequest = Load & Pick<RunRequest, "onSerial">;

/** Starts our own machine; what is wrong with the image is said of the file that the user named. */
async function power({ snapshot, ...request }: SessionRequest, options: BootOptions, { disks }: OpenDisks): Promise<X86Running> {
  const { stopAfter, gdb } = options;
  const machine = x86({
    icount: snapshot?.icount ?? options.icount ?? false,
    trace: options.trace !== undefined,
    disks,
    ...(snapshot !== undefined && { snapshot: snapshot.file }),
    ...(stopAfter !== undefined && { stopAfter }),
    ...(gdb !== undefined && { gdb }),
  });
  try {
    return await machine.start(request);
  } catch (error) {
    const file = options.restore ?? options.kernel;
    if (!(error instanceof MachineError) || error.kind !== "file" || file === undefined) throw error;
    throw new CliError(exitCodes.file, `${file}: ${error.message}`);
  }
}

/** Starts our own machine, ends it when its time is up, and writes the counters at its end. */
export async function startSession(request: SessionRequest, options: BootOptions): Promise<Session> {
  const disks = openDisks(options.disk ?? []);
  const running = await power(request, options, disks).catch((error: unknown) => {
    disks.close();
    throw error;
  });
  if (options.gdb !== undefined) process.stderr.write(`mercury: waiting for gdb: target remote 127.0.0.1:${options.gdb}\n`);
  let late = false;
  const timer =
    options.timeout === undefined
      ? undefined
      : setTimeout(() => {
          late = true;
          running.stop();
        }, options.timeout * 1000);
  const watch = async (): Promise<End> => {
    const exit = await running.done;
    clearTimeout(timer);
    disks.close();
    const timedOut = late && exit.kind === "stopped";
    if (options.stats !== undefined) writeStats(options.stats, running);
    if (options.trace !== undefined) writeOutput(options.trace, running.trace());
    if (options.save !== undefined) save(options.save, running, exit.kind === "stopped" && !timedOut);
    return timedOut ? { kind: "timeout" } : exit;
  };
  return { send: running.send, stop: running.stop, end: watch() };
}

/** Writes the snapshot of a machine that has come to where it was to be saved. */
function save(file: string, running: X86Running, reached: boolean): void {
  if (reached) writeOutput(file, running.save());
  else process.stderr.write(`mercury: the machine ended before --stop-after; ${file} was not written\n`);
}

function writeStats(file: string, running: X86Running): void {
  writeOutput(file, `${JSON.stringify(running.statistics(), null, 2)}\n`);
}

/** The exit code that an end stands for; what there is to say about it goes to standard error. */
export function conclude(end: End, options: BootOptions): number {
  switch (end.kind) {
    case "power-off":
    case "reset":
    case "stopped":
      return exitCodes.ok;
    case "code":
      return end.code;
    case "triple-fault":
      process.stderr.write(`mercury: the guest's CPU shut down after a triple fault\n${end.state.trimEnd()}\n`);
      return exitCodes.guestFault;
    case "timeout":
      process.stderr.write(`mercury: the machine was still running after ${options.timeout} s\n`);
      return exitCodes.timeout;
  }
}
