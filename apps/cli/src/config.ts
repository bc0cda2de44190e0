import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { MachineDefinition } from "@mercury/machine";
import { createJiti } from "jiti";
import { exitCodes } from "./exit-codes.ts";
import { CliError } from "./errors.ts";

/** Names that a machine description may use, with the type of a simple value. Layers are objects, which defineMachine checks. */
const known: Readonly<Record<keyof MachineDefinition, "string" | "number" | "boolean" | "object">> = {
  guest: "object",
  vo: "object",
  vmm: "object",
  switch: "object",
  strategy: "string",
  mode: "string",
  memory: "number",
  test: "boolean",
};

function isKnown(name: string): name is keyof MachineDefinition {
  return Object.hasOwn(known, name);
}

/** Loads a module written in TypeScript or JavaScript; Node 20 reads only the second by itself. */
async function load(path: string): Promise<unknown> {
  if (/\.[cm]?js$/.test(path)) {
    const module: { readonly default?: unknown } = await import(pathToFileURL(path).href);
    return module.default;
  }
  return createJiti(import.meta.url).import(path, { default: true });
}

function check(file: string, description: unknown): MachineDefinition {
  const refuse = (why: string): never => {
    throw new CliError(exitCodes.file, `${file} is not a machine description: ${why}`);
  };
  if (typeof description !== "object" || description === null) return refuse("its default export is not an object");
  for (const [name, value] of Object.entries(description)) {
    if (!isKnown(name)) return refuse(`it says "${name}", which machines do not have; they have ${Object.keys(known).join(", ")}`);
    const type = known[name];
    if (typeof value !== type) return refuse(`"${name}" is a ${typeof value} and should be a ${type}`);
  }
  // Every name and simple type was checked above, and defineMachine checks the values.
  return description as MachineDefinition;
}

/** Reads `--config FILE`. */
export async function readConfig(file: string): Promise<MachineDefinition> {
  const path = resolve(file);
  if (!existsSync(path)) throw new CliError(exitCodes.file, `${file} cannot be read: no such file or directory`);
  let description: unknown;
  try {
    description = await load(path);
  } catch (error) {
    const [first = "", ...rest] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new CliError(exitCodes.file, `${file} cannot be loaded: ${first}`, rest.join("\n"));
  }
  return check(file, description);
}
