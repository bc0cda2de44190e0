import type { DiskImage, Mode } from "@mercury/machine";
import { type Command, InvalidArgumentError, Option } from "commander";
import { exitCodes } from "./exit-codes.ts";
import { CliError, notBuilt } from "./errors.ts";
import { checkOutput } from "./files.ts";
import {
  type OptionGroup,
  type OptionRow,
  imageGroup,
  insightGroup,
  kernelGroup,
  layerGroup,
  ownGroup,
  pcGroup,
  timeGroup,
} from "./option-table.ts";
import { BadValue } from "./values.ts";

/** Options that choose the layers of a machine: `boot`, `run`, `image` and `layers` take them. */
export interface LayerOptions {
  readonly vmm?: string;
  readonly switch?: string;
  readonly vo?: string;
  readonly guest?: string;
  readonly config?: string;
  readonly mode?: Mode;
  readonly test?: boolean;
}

/** Options of `image`. */
export interface ImageOptions extends LayerOptions {
  readonly out?: string;
  readonly check?: boolean;
  readonly format?: "elf" | "iso";
  readonly append?: string;
}

/** Options of `boot` and `run`. */
export interface BootOptions extends LayerOptions {
  readonly memory?: number;
  readonly kernel?: string;
  readonly initrd?: readonly string[];
  readonly append?: string;
  readonly disk?: readonly DiskImage[];
  readonly rootfs?: string;
  readonly timeout?: number;
  readonly icount?: boolean;
  readonly shuffle?: number;
  readonly stats?: string;
  readonly save?: string;
  readonly stopAfter?: number;
  readonly restore?: string;
  readonly trace?: string;
  readonly gdb?: number;
}

/** One row as commander wants it. Errors of a value name the option and end with the code for bad usage. */
function toOption(row: OptionRow): Option {
  const option = new Option(row.flags, row.description);
  const { parse = (text: string): unknown => text, unbuilt } = row;
  const name = row.flags.split(" ")[0] ?? row.flags;
  if (!option.required && !unbuilt) return option;
  return option.argParser((text: string, previous: unknown) => {
    try {
      const value = parse(text);
      if (unbuilt === true || unbuilt?.(value)) throw notBuilt(unbuilt === true ? name : `${name} ${text}`);
      // The values of a repeatable option are a list, which starts here.
      if (row.repeatable) return [...((previous as readonly unknown[] | undefined) ?? []), value];
      if (previous !== undefined) throw new BadValue("given twice");
      return value;
    } catch (error) {
      if (error instanceof BadValue) throw new InvalidArgumentError(error.message);
      throw error;
    }
  });
}

function add(command: Command, groups: readonly OptionGroup[]): Command {
  for (const { heading, rows } of groups) {
    command.optionsGroup(heading);
    for (const row of rows) command.addOption(toOption(row));
  }
  return command;
}

/** Adds the options that choose layers. */
export function addLayerOptions(command: Command): Command {
  return add(command, [layerGroup]);
}

/** Adds all options of `image`. */
export function addImageOptions(command: Command): Command {
  return add(command, [imageGroup, layerGroup]);
}

/** Adds all options of `boot` and `run`. */
export function addBootOptions(command: Command): Command {
  return add(command, [layerGroup, ownGroup, pcGroup, kernelGroup, timeGroup, insightGroup]);
}

/** Refuses what contradicts itself, and results that could not be written at the end. */
export function checkBootOptions(options: BootOptions): void {
  checkTogether(options, (sentence) => {
    throw new CliError(exitCodes.usage, sentence);
  });
  for (const file of [options.save, options.trace, options.stats]) if (file !== undefined) checkOutput(file);
}

function checkTogether(options: BootOptions, refuse: (sentence: string) => never): void {
  if (options.save !== undefined && options.stopAfter === undefined) refuse("--save needs --stop-after, which says when");
  if (options.restore !== undefined) checkRestoreOptions(options, refuse);
  if (options.initrd && options.kernel === undefined) refuse("--initrd belongs to --kernel; Mercury's own system takes --rootfs");
  if (options.kernel === undefined) return;
  const own = (["vmm", "switch", "vo", "guest", "mode", "rootfs", "shuffle", "test"] as const).find((name) => options[name] !== undefined);
  if (own) refuse(`--${own} belongs to Mercury's own system and cannot go with --kernel`);
}

/** What a snapshot says itself. */
const saved = [
  "kernel",
  "initrd",
  "append",
  "memory",
  "rootfs",
  "mode",
  "vmm",
  "switch",
  "vo",
  "guest",
  "shuffle",
  "test",
  "icount",
] as const;

function checkRestoreOptions(options: BootOptions, refuse: (sentence: string) => never): void {
  const own = saved.find((name) => options[name] !== undefined);
  if (own) refuse(`--${own} cannot go with --restore: the snapshot says what the machine is`);
}
