import { type Exit, MachineError, openDisks, type OpenDisks, type RunRequest, type X86Running, x86 } from "@mercury/machine";
import { constants } from "node:os";
import { exitCodes } from "./exit-codes.ts";
import { CliError } from "./errors.ts";
import { writeOutput } from "./files.ts";
import type { BootOptions } from "./options.ts";
import type { Interruption, Outside } from "./outside.ts";
import type { Load } from "./request.ts";

/** How a session ended: as the machine did, or from outside. */
export type End = Exit | Interruption;

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

/** Starts our own machine, which `outside` ends if it does not end by itself, and writes at its end what the options ask for. */
export async function startSession(request: SessionRequest, options: BootOptions, outside: Outside): Promise<Session> {
  const disks = openDisks(options.disk ?? []);
  const running = await power(request, options, disks).catch((error: unknown) => {
    disks.close();
    throw error;
  });
  if (options.gdb !== undefined) process.stderr.write(`mercury: waiting for gdb: target remote 127.0.0.1:${options.gdb}\n`);
  outside.onInterruption(running.stop);
  const watch = async (): Promise<End> => {
    try {
      const exit = await running.done;
      const end = exit.kind === "stopped" ? (outside.interruption ?? exit) : exit;
      // While the disks are open: a snapshot says what they hold.
      writeResults(running, end, options);
      return end;
    } finally {
      disks.close();
    }
  };
  return { send: running.send, stop: running.stop, end: watch() };
}

/** Writes what is asked for at the end of a machine; its snapshot only when it has come to where it was to be saved. */
function writeResults(running: X86Running, end: End, { save, stats, trace }: BootOptions): void {
  if (save !== undefined) {
    if (end.kind === "stopped") writeOutput(save, running.save());
    else process.stderr.write(`mercury: the machine ended before --stop-after; ${save} was not written\n`);
  }
  if (stats !== undefined) writeOutput(stats, `${JSON.stringify(running.statistics(), null, 2)}\n`);
  if (trace !== undefined) writeOutput(trace, running.trace());
}

/**
 * The exit code that an end stands for; what there is to say about it goes to standard error. A signal is passed on to this process, once all is
 * written, so that whoever waits for it sees how it ended (the shell's 128 plus its number).
 */
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
    case "signal":
      process.kill(process.pid, end.signal);
      return 128 + constants.signals[end.signal];
  }
}
