import { type DiskImage, modes, type Mode } from "@mercury/machine";

/** Why a value is refused; the caller adds the name of the option. */
export class BadValue extends Error {
  override readonly name = "BadValue";
}

/** A whole number of a range, in decimal. */
export function integer(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (!(value >= minimum && value <= maximum)) throw new BadValue(`"${text}" is not a whole number from ${minimum} to ${maximum}`);
    return value;
  };
}

/** A time in seconds, above zero; fractions are allowed. */
export function seconds(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  // setTimeout takes at most 2^31 - 1 ms.
  if (!(value > 0 && value * 1000 < 2 ** 31)) throw new BadValue(`"${text}" is not a time in seconds`);
  return value;
}

/** One of several words. */
export function word<const Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const found = words.find((candidate) => candidate === text);
    if (found === undefined) throw new BadValue(`"${text}" is none of ${words.join(", ")}`);
    return found;
  };
}

export const mode: (text: string) => Mode = word(modes);

const diskBuses = ["ata", "virtio"] as const;

/** A disk: FILE[,ro][,overlay=FILE][,bus=ata|virtio]. */
export function disk(text: string): DiskImage {
  const [file = "", ...words] = text.split(",");
  if (file === "") throw new BadValue(`"${text}" names no file`);
  let image: DiskImage = { file };
  for (const part of words) {
    const [name, ...rest] = part.split("=");
    const value = rest.join("=");
    const bus = diskBuses.find((candidate) => candidate === value);
    if (part === "ro") image = { ...image, readOnly: true };
    else if (name === "overlay" && value !== "") image = { ...image, overlay: value };
    else if (name === "bus" && bus !== undefined) image = { ...image, bus };
    else throw new BadValue(`"${part}" is none of ro, overlay=FILE, bus=ata, bus=virtio`);
  }
  if (image.readOnly && image.overlay !== undefined) throw new BadValue("a read-only disk needs no overlay");
  return image;
}

/** The name of a file. */
export function fileName(text: string): string {
  if (text === "") throw new BadValue("an empty name names no file");
  return text;
}

/** A list of file names with commas between. */
export function fileList(text: string): readonly string[] {
  const files = text.split(",");
  if (files.includes("")) throw new BadValue(`"${text}" names an empty file`);
  return files;
}

/** Words for the guest's command line. */
export function commandLine(text: string): string {
  // The kernel takes one line of bytes (Multiboot Specification 0.6.96, 3.3, `cmdline`).
  if (/[^\x20-\x7e]/.test(text)) throw new BadValue("the guest's command line takes printable ASCII only");
  return text;
}
