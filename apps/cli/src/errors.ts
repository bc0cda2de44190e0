import { MachineError, type MachineErrorKind } from "@mercury/machine";
import { exitCodes } from "./exit-codes.ts";

/** An error of the command: one line for the user, and what the process ends with. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: number;
  readonly detail: string | undefined;

  constructor(exitCode: number, message: string, detail?: string) {
    super(message);
    this.exitCode = exitCode;
    this.detail = detail;
  }
}

/** The option or command exists, its part does not yet. */
export function notBuilt(what: string): CliError {
  return new CliError(exitCodes.usage, `${what} is not built yet`);
}

const exitCodeOfKind: Readonly<Record<MachineErrorKind, number>> = {
  usage: exitCodes.usage,
  fit: exitCodes.usage,
  file: exitCodes.file,
  tool: exitCodes.internal,
  build: exitCodes.internal,
};

/** Any error as one of ours. What nobody foresaw is a fault of Mercury, and its stack is the detail. */
export function asCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof MachineError) return new CliError(exitCodeOfKind[error.kind], error.message, error.detail);
  if (error instanceof Error) return new CliError(exitCodes.internal, `internal fault: ${error.message}`, error.stack);
  return new CliError(exitCodes.internal, `internal fault: ${String(error)}`);
}
