/** One name of an archive. */
export interface CpioEntry {
  /** Without a leading slash. */
  readonly path: string;
  /** File type and permission bits, as in stat(2). */
  readonly mode: number;
  readonly contents: Uint8Array;
  /** Entries with the same number above 0 are names of one file; its contents stand at the last of them. */
  readonly inode: number;
  /** Names that the file has. */
  readonly links: number;
}

/**
 * The "newc" format (Linux: Documentation/driver-api/early-userspace/buffer-format.rst): magic, then thirteen fields of eight hexadecimal
 * digits; name and contents padded to four bytes.
 */
const magic = "070701";
const trailer: CpioEntry = { path: "TRAILER!!!", mode: 0, contents: new Uint8Array(0), inode: 0, links: 1 };
/** Archives are padded to blocks of 512 bytes, as cpio(1) does. */
const blockSize = 512;

function header(entry: CpioEntry, nameSize: number): string {
  const owner = [0, 0];
  const time = 0;
  const device = [0, 0, 0, 0];
  const check = 0;
  const fields = [entry.inode, entry.mode, ...owner, entry.links, time, entry.contents.length, ...device, nameSize, check];
  return magic + fields.map((field) => field.toString(16).padStart(8, "0")).join("");
}

function padded(bytes: Uint8Array, size: number): Uint8Array {
  const whole = new Uint8Array(Math.ceil(bytes.length / size) * size);
  whole.set(bytes);
  return whole;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Writes an archive of the entries in their order. */
export function writeCpio(entries: readonly CpioEntry[]): Uint8Array {
  const encoder = new TextEncoder();
  const parts = [...entries, trailer].flatMap((entry) => {
    const name = encoder.encode(`${entry.path}\0`);
    const start = padded(joined([encoder.encode(header(entry, name.length)), name]), 4);
    return [start, padded(entry.contents, 4)];
  });
  return padded(joined(parts), blockSize);
}
