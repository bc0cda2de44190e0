import { type Exit, MachineError, type RunRequest, type X86Running, x86 } from "@mercury/machine";
import { exitCodes } from "./exit-codes.ts";
import { CliError } from "./errors.ts";
import { writeOutput } from "./files.ts";
import type { BootOptions } from "./options.ts";

/** How a session ended: as the machine did, or because its time was up. */
export type End = Exit | { readonly kind: "timeout" };

/** A machine at work under the options of `boot` and `run`. */
export interface Session {
  readonly send: (bytes: Uint8Array) => void;
  readonly stop: () => void;
  readonly end: Promise<End>;
}

/** Starts our own machine; what is wrong with the image is said of the file that the user named. */
async function power(request: RunRequest, options: BootOptions): Promise<X86Running> {
  try {
    return await x86({ icount: options.icount ?? false }).start(request);
  } catch (error) {
    if (!(error instanceof MachineError) || error.kind !== "file" || options.kernel === undefined) throw error;
    throw new CliError(exitCodes.file, `${options.kernel}: ${error.message}`);
  }
}

/** Starts our own machine, ends it when its time is up, and writes the counters at its end. */
export async function startSession(request: RunRequest, options: BootOptions): Promise<Session> {
  const running = await power(request, options);
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
    if (options.stats !== undefined) writeStats(options.stats, running);
    return late && exit.kind === "stopped" ? { kind: "timeout" } : exit;
  };
  return { send: running.send, stop: running.stop, end: watch() };
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
