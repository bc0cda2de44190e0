import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MachineError } from "./errors.ts";
import { onPath, scratch, start } from "./run/host.ts";

const program = "grub-mkrescue";

/** What `makeIso` needs and this computer lacks, as a sentence; null when it has everything. */
export function isoToolsMissing(): string | null {
  if (!onPath(program)) return `${program} is not installed (Debian packages grub-common and grub-pc-bin)`;
  if (!onPath("xorriso")) return "xorriso is not installed (Debian package xorriso)";
  return null;
}

/** What a bootable CD holds. */
export interface IsoContents {
  /** A multiboot 1 ELF. */
  readonly image: Uint8Array;
  readonly modules: readonly Uint8Array[];
  readonly commandLine: string;
}

/** GRUB's single quotes take everything but themselves (GRUB manual 2.06, 6.1.1 "Quoting"). */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function configuration(contents: IsoContents): string {
  const words = contents.commandLine.split(" ").filter((word) => word !== "");
  return [
    `multiboot /boot/mercury ${words.map(quoted).join(" ")}`,
    ...contents.modules.map((_, index) => `module /boot/module${index}`),
    "boot",
    "",
  ].join("\n");
}

/** Makes a CD image that boots through GRUB on a PC with a BIOS. */
export async function makeIso(contents: IsoContents): Promise<Uint8Array> {
  const missing = isoToolsMissing();
  if (missing !== null) throw new MachineError("tool", missing);
  const { path: folder, remove } = scratch();
  try {
    const tree = join(folder, "tree");
    mkdirSync(join(tree, "boot", "grub"), { recursive: true });
    writeFileSync(join(tree, "boot", "mercury"), contents.image);
    contents.modules.forEach((bytes, index) => writeFileSync(join(tree, "boot", `module${index}`), bytes));
    writeFileSync(join(tree, "boot", "grub", "grub.cfg"), configuration(contents));
    const out = join(folder, "cd.iso");
    const { status, output } = await start(program, ["--install-modules=normal iso9660 biosdisk multiboot", "-o", out, tree]).ended;
    if (status !== 0) throw new MachineError("tool", `${program} failed with status ${String(status)}`, output);
    return readFileSync(out);
  } finally {
    remove();
  }
}
