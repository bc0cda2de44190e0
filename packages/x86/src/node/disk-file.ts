import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import type { Disk, Storage } from "../disk/disk.ts";
import { rawDisk } from "../disk/memory.ts";
import { overlayDisk } from "../disk/overlay.ts";
import { MachineError } from "../errors.ts";
import { lockDiskFile } from "./disk-lock.ts";

/** Which file holds a disk, and what may happen to it. */
export interface DiskFile {
  /** A raw disk image: whole sectors of 512 bytes. */
  readonly file: string;
  /** The guest cannot write. Default: it can. */
  readonly readOnly?: boolean;
  /** A file that takes what the guest writes, so that `file` stays untouched; made when it is not there. */
  readonly overlay?: string;
}

const flagsOf = { read: constants.O_RDONLY, write: constants.O_RDWR, create: constants.O_RDWR | constants.O_CREAT } as const;

/** A file as storage, locked against other users. */
class FileStorage implements Storage {
  readonly #descriptor: number;
  readonly #unlock: () => void;
  #size: number;

  constructor(file: string, mode: keyof typeof flagsOf) {
    this.#descriptor = openSync(file, flagsOf[mode], 0o666);
    try {
      const status = fstatSync(this.#descriptor);
      if (!status.isFile()) throw new MachineError("image", "not a regular file");
      this.#unlock = lockDiskFile(file, mode === "read" ? "reading" : "writing");
      // Not before: who had it may have made it longer.
      this.#size = fstatSync(this.#descriptor).size;
    } catch (error) {
      closeSync(this.#descriptor);
      throw error;
    }
  }

  get size(): number {
    return this.#size;
  }

  read(position: number, into: Uint8Array): void {
    for (let done = 0; done < into.length;) {
      const count = readSync(this.#descriptor, into, done, into.length - done, position + done);
      if (count === 0) throw new Error(`the file has become shorter: nothing at ${position + done}`);
      done += count;
    }
  }

  write(position: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) done += writeSync(this.#descriptor, bytes, done, bytes.length - done, position + done);
    this.#size = Math.max(this.#size, position + bytes.length);
  }

  sync(): void {
    fsyncSync(this.#descriptor);
  }

  close(): void {
    closeSync(this.#descriptor);
    this.#unlock();
  }
}

/** Does something with a file; what is wrong is said of it. */
function about<Result>(file: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (error instanceof MachineError) throw new MachineError(error.kind, `${file}: ${error.message}`);
    const text = error instanceof Error ? error.message : String(error);
    throw new MachineError("image", `${file} cannot be opened: ${text.replace(/^[A-Z0-9_]+: /, "").replace(/, open .*$/, "")}`);
  }
}

/**
 * Opens a disk image, with an overlay when one is named. The caller closes the disk when the machine is done with it; until then nobody else can
 * open for writing what is read here, nor open at all what is written.
 * Throws a MachineError that names file, offset and reason.
 */
export function openDiskFile({ file, readOnly = false, overlay }: DiskFile): Disk {
  const untouched = readOnly || overlay !== undefined;
  const image = about(file, () => {
    const storage = new FileStorage(file, untouched ? "read" : "write");
    return closing(storage, () => rawDisk(storage, untouched, file));
  });
  if (overlay === undefined) return image;
  return closing(image, () =>
    about(overlay, () => {
      const storage = new FileStorage(overlay, "create");
      return closing(storage, () => overlayDisk(image, storage));
    }),
  );
}

/** Closes what was opened when something goes wrong with it. */
function closing<Result>(opened: { close(): void }, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    opened.close();
    throw error;
  }
}
