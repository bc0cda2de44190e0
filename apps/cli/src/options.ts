import { type DiskImage, type Mode, memoryRange } from "@mercury/machine";
import { type Command, InvalidArgumentError, Option } from "commander";
import { exitCodes } from "./exit-codes.ts";
import { CliError, notBuilt } from "./errors.ts";
import { checkOutput } from "./files.ts";
import { BadValue, commandLine, disk, fileList, fileName, integer, mode, seconds, word } from "./values.ts";

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

/** One row of the option table. */
interface OptionRow {
  readonly flags: string;
  readonly description: string;
  /** Reads the value; throws BadValue. The text itself when there is none. */
  readonly parse?: (text: string) => unknown;
  /** Says which values ask for a part that is not built yet; all of them when it is `true`. */
  readonly unbuilt?: true | ((value: unknown) => boolean);
  readonly repeatable?: true;
}

const layerRows: readonly OptionRow[] = [
  { flags: "--mode <MODE>", description: "native, virtual (attaches before init) or always-on", parse: mode },
  { flags: "--vmm <NAME>", description: "layer package to use as VMM; none: the kernel without Mercury" },
  {
    flags: "--switch <NAME>",
    description: "strategy (of the default switch: lazy, recompute), layer package of the switch, or PACKAGE:STRATEGY",
  },
  { flags: "--vo <NAME>", description: "layer package of the virtual objects" },
  { flags: "--guest <NAME>", description: "layer package of the guest system" },
  { flags: "--config <FILE>", description: "typed machine description (.ts or .js); other options override it", parse: fileName },
  { flags: "--test", description: "the test image: fault points and /proc/mercury/inject, an audit after every switch" },
];

const imageRows: readonly OptionRow[] = [
  { flags: "--out <FILE>", description: "where to write it", parse: fileName },
  { flags: "--check", description: "print the sites by operation, and where privileged instructions stand outside of them" },
  { flags: "--format <FORMAT>", description: "elf (default) or iso, which boots through GRUB", parse: word(["elf", "iso"]) },
  { flags: "--append <STRING>", description: "words added to the kernel's command line in an iso", parse: commandLine },
];

const seed = integer(0, 0xffff_ffff);

const bootRows: readonly OptionRow[] = [
  { flags: "--memory <MB>", description: "RAM, default 256", parse: integer(memoryRange.minimum, memoryRange.maximum) },
  { flags: "--kernel <FILE>", description: "another kernel: a Linux bzImage or vmlinux, or a multiboot ELF", parse: fileName },
  { flags: "--initrd <FILES>", description: "its RAM disks or multiboot modules, commas between", parse: fileList },
  { flags: "--append <STRING>", description: "words added to the kernel's command line", parse: commandLine },
  { flags: "--disk <SPEC>", description: "a raw disk image: FILE[,ro][,overlay=FILE][,bus=ata|virtio]", parse: disk, repeatable: true },
  { flags: "--rootfs <FILE>", description: "RAM disk laid over the system's own (cpio newc, gzip allowed)", parse: fileName },
  { flags: "--cpus <N>", description: "CPUs; 1 is all that there is yet", parse: integer(1, 255), unbuilt: (value) => value !== 1 },
  { flags: "--timeout <SECONDS>", description: "ends the machine, exit code 124; the end of the input does not end it", parse: seconds },
  {
    flags: "--icount",
    description: "virtual time from retired instructions only: two runs are bit-identical; piped input is read whole first",
  },
  { flags: "--shuffle <SEED>", description: "machine frames permuted by a number; always-on unless --mode says otherwise", parse: seed },
  { flags: "--save <FILE>", description: "where --stop-after puts its snapshot", parse: fileName },
  {
    flags: "--stop-after <N>",
    description: "ends the machine after N instructions of this run",
    parse: integer(1, Number.MAX_SAFE_INTEGER),
  },
  { flags: "--restore <FILE>", description: "goes on from a snapshot", parse: fileName },
  {
    flags: "--jit <TIER>",
    description: "off, on, always or lockstep; off is all that there is yet",
    parse: word(["off", "on", "always", "lockstep"]),
    unbuilt: (value) => value !== "off",
  },
  { flags: "--trace <FILE>", description: "event trace for Chrome and Perfetto, written at the end", parse: fileName },
  { flags: "--gdb <PORT>", description: "waits for gdb on loopback; with --icount it can go back in time", parse: integer(1, 65535) },
  { flags: "--stats <FILE>", description: "counters and registers as JSON, written at the end", parse: fileName },
];

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

function add(command: Command, rows: readonly OptionRow[]): Command {
  for (const row of rows) command.addOption(toOption(row));
  return command;
}

/** Adds the options that choose layers. */
export function addLayerOptions(command: Command): Command {
  return add(command, layerRows);
}

/** Adds all options of `image`. */
export function addImageOptions(command: Command): Command {
  return add(command, [...imageRows, ...layerRows]);
}

/** Adds all options of `boot` and `run`. */
export function addBootOptions(command: Command): Command {
  return add(command, [...bootRows, ...layerRows]);
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
