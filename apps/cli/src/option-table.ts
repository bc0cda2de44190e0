import { memoryRange } from "@mercury/machine";
import { commandLine, disk, fileList, fileName, integer, mode, seconds, word } from "./values.ts";

/** One row of the option table. */
export interface OptionRow {
  readonly flags: string;
  readonly description: string;
  /** Reads the value; throws BadValue. The text itself when there is none. */
  readonly parse?: (text: string) => unknown;
  /** Says which values ask for a part that is not built yet; all of them when it is `true`. */
  readonly unbuilt?: true | ((value: unknown) => boolean);
  readonly repeatable?: true;
}

/** Options that belong together, under the heading that the help gives them. */
export interface OptionGroup {
  readonly heading: string;
  readonly rows: readonly OptionRow[];
}

const seed = integer(0, 0xffff_ffff);

export const layerGroup: OptionGroup = {
  heading: "Mercury's own system:",
  rows: [
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
  ],
};

export const imageGroup: OptionGroup = {
  heading: "The image:",
  rows: [
    { flags: "--out <FILE>", description: "where to write it", parse: fileName },
    { flags: "--check", description: "print the sites by operation, and where privileged instructions stand outside of them" },
    { flags: "--format <FORMAT>", description: "elf (default) or iso, which boots through GRUB", parse: word(["elf", "iso"]) },
    { flags: "--append <STRING>", description: "words added to the kernel's command line in an iso", parse: commandLine },
  ],
};

/** What `boot` and `run` can be told of Mercury's own system besides. */
export const ownGroup: OptionGroup = {
  heading: layerGroup.heading,
  rows: [
    { flags: "--rootfs <FILE>", description: "RAM disk laid over the system's own (cpio newc, gzip allowed)", parse: fileName },
    { flags: "--shuffle <SEED>", description: "machine frames permuted by a number; always-on unless --mode says otherwise", parse: seed },
  ],
};

export const pcGroup: OptionGroup = {
  heading: "The PC:",
  rows: [
    { flags: "--memory <MB>", description: "RAM, default 256", parse: integer(memoryRange.minimum, memoryRange.maximum) },
    { flags: "--disk <SPEC>", description: "a raw disk image: FILE[,ro][,overlay=FILE][,bus=ata|virtio]", parse: disk, repeatable: true },
    { flags: "--cpus <N>", description: "CPUs; 1 is all that there is yet", parse: integer(1, 255), unbuilt: (value) => value !== 1 },
    {
      flags: "--jit <TIER>",
      description: "off, on, always or lockstep; off is all that there is yet",
      parse: word(["off", "on", "always", "lockstep"]),
      unbuilt: (value) => value !== "off",
    },
  ],
};

export const kernelGroup: OptionGroup = {
  heading: "Another system:",
  rows: [
    { flags: "--kernel <FILE>", description: "another kernel: a Linux bzImage or vmlinux, or a multiboot ELF", parse: fileName },
    { flags: "--initrd <FILES>", description: "its RAM disks or multiboot modules, commas between", parse: fileList },
    { flags: "--append <STRING>", description: "words added to the kernel's command line, Mercury's own, too", parse: commandLine },
  ],
};

export const timeGroup: OptionGroup = {
  heading: "Time:",
  rows: [
    { flags: "--timeout <SECONDS>", description: "ends the machine, exit code 124; the end of the input does not end it", parse: seconds },
    {
      flags: "--icount",
      description: "virtual time from retired instructions only: two runs are bit-identical; piped input is read whole first",
    },
    {
      flags: "--stop-after <N>",
      description: "ends the machine after N instructions of this run",
      parse: integer(1, Number.MAX_SAFE_INTEGER),
    },
    { flags: "--save <FILE>", description: "where --stop-after puts its snapshot", parse: fileName },
    { flags: "--restore <FILE>", description: "goes on from a snapshot; with the disks that the machine had", parse: fileName },
  ],
};

export const insightGroup: OptionGroup = {
  heading: "Looking inside:",
  rows: [
    { flags: "--gdb <PORT>", description: "waits for gdb on loopback; with --icount it can go back in time", parse: integer(1, 65535) },
    { flags: "--stats <FILE>", description: "counters and registers as JSON, written at the end", parse: fileName },
    { flags: "--trace <FILE>", description: "event trace for Chrome and Perfetto, written at the end", parse: fileName },
  ],
};
