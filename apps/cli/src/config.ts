import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { checkDefinition, type MachineDefinition, MachineError } from "@mercury/machine";
import { createJiti } from "jiti";
import { exitCodes } from "./exit-codes.ts";
import { CliError } from "./errors.ts";
import { readInput } from "./files.ts";

/** Loads a module written in TypeScript or JavaScript; Node 20 reads only the second by itself. */
async function load(path: string): Promise<unknown> {
  if (/\.[cm]?js$/.test(path)) {
    const module: { readonly default?: unknown } = await import(pathToFileURL(path).href);
    return module.default;
  }
  return createJiti(import.meta.url).import(path, { default: true });
}

function check(file: string, description: unknown): MachineDefinition {
  try {
    checkDefinition(description);
    return description;
  } catch (error) {
    if (!(error instanceof MachineError)) throw error;
    throw new CliError(exitCodes.file, `${file} is not a machine description: ${error.message}`);
  }
}

/** Reads `--config FILE`. */
export async function readConfig(file: string): Promise<MachineDefinition> {
  const path = resolve(file);
  readInput(file);
  let description: unknown;
  try {
    description = await load(path);
  } catch (error) {
    const [first = "", ...rest] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new CliError(exitCodes.file, `${file} cannot be loaded: ${first}`, rest.join("\n"));
  }
  return check(file, description);
}
