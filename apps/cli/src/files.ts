import { accessSync, constants, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { exitCodes } from "./exit-codes.ts";
import { CliError } from "./errors.ts";

/** The words of the system for an error of a file operation, without its code and path. */
function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^[A-Z0-9_]+: /, "").replace(/, (open|read|write|stat|access).*$/, "");
}

/** Reads a file that the user named. */
export function readInput(file: string): Uint8Array<ArrayBuffer> {
  try {
    // Some have no end, as /dev/zero, and a terminal none that anybody expects.
    if (statSync(file).isCharacterDevice()) throw new Error("it is a device, not a file");
    return new Uint8Array(readFileSync(file));
  } catch (error) {
    throw new CliError(exitCodes.file, `${file} cannot be read: ${reason(error)}`);
  }
}

/** Refuses a file that could not be written at the end, before the work begins whose result it is for. */
export function checkOutput(file: string): void {
  try {
    // A file that is not there yet needs a folder; the dot is found in nothing else.
    accessSync(existsSync(file) ? file : `${dirname(file)}/.`, constants.W_OK);
  } catch (error) {
    throw new CliError(exitCodes.file, `${file} cannot be written: ${reason(error)}`);
  }
  if (existsSync(file) && statSync(file).isDirectory()) throw new CliError(exitCodes.file, `${file} cannot be written: it is a directory`);
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
