import { readFileSync, writeFileSync } from "node:fs";
import { exitCodes } from "./exit-codes.ts";
import { CliError } from "./errors.ts";

/** The words of the system for an error of a file operation, without its code and path. */
function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^[A-Z0-9_]+: /, "").replace(/, (open|read|write|stat).*$/, "");
}

/** Reads a file that the user named. */
export function readInput(file: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (error) {
    throw new CliError(exitCodes.file, `${file} cannot be read: ${reason(error)}`);
  }
}

/** Writes a file that the user named. */
export function writeOutput(file: string, contents: Uint8Array | string): void {
  try {
    writeFileSync(file, contents);
  } catch (error) {
    throw new CliError(exitCodes.file, `${file} cannot be written: ${reason(error)}`);
  }
}

/** A file that is not what it should be. */
export function badFile(file: string, offset: number, why: string): CliError {
  return new CliError(exitCodes.file, `${file}: at offset ${offset}: ${why}`);
}
