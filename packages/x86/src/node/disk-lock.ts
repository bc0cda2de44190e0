import { closeSync, openSync, readdirSync, readFileSync, realpathSync, unlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { MachineError } from "../errors.ts";

/**
 * Who uses a disk's file, told by empty files beside it whose names say everything: `FILE.PID-START-NUMBER.writing.lock`, or `.reading.lock`. A
 * process makes its own first and looks for others then, so of two at the same time at least one sees the other. No name is ever used twice: whoever finds
 * the lock of a process that has died may remove it. Processes know each other by their numbers, so this holds on one computer, and not between
 * containers or across a network.
 */
type Use = "reading" | "writing";

interface Lock {
  readonly path: string;
  readonly pid: number;
  readonly use: Use;
}

/** Locks of this thread, for their numbers. */
let made = 0;

/** When a process began, in the system's own words, which no other with its number shares; empty where the system does not tell. */
function startOf(pid: number): string {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "latin1");
    // proc(5): the name in parentheses may contain anything; the start is field 22, the 20th behind it.
    return status.slice(status.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

function isAlive(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process may not be signalled, and is there.
    if (codeOf(error) !== "EPERM") return false;
  }
  const found = startOf(pid);
  return start === "" || found === "" || found === start;
}

const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "");

/** Names beside a file; none when the folder does not tell them. */
function namesBeside(file: string): string[] {
  try {
    return readdirSync(dirname(file));
  } catch {
    return [];
  }
}

/** The locks of a file that processes hold. Those of dead ones are removed. */
function locksOf(file: string): Lock[] {
  const prefix = `${basename(file)}.`;
  return namesBeside(file).flatMap((name) => {
    const [, digits, start = "", use] =
      (name.startsWith(prefix) && /^(\d+)-(\d*)-\d+\.(reading|writing)\.lock$/.exec(name.slice(prefix.length))) || [];
    if (digits === undefined) return [];
    const path = join(dirname(file), name);
    if (isAlive(Number(digits), start)) return [{ path, pid: Number(digits), use: use === "writing" ? "writing" : "reading" }];
    remove(path);
    return [];
  });
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody else has removed it, or may not: then the next one finds it again.
  }
}

/** Makes the lock's file; undefined when the folder takes none. */
function make(file: string, use: Use): string | undefined {
  const start = startOf(process.pid);
  for (;;) {
    const path = `${file}.${process.pid}-${start}-${made++}.${use}.lock`;
    try {
      closeSync(openSync(path, "wx"));
      return path;
    } catch (error) {
      // Another thread of this process has the number.
      if (codeOf(error) === "EEXIST") continue;
      // Whoever only reads may do so in a folder that cannot be written.
      if (use === "reading") return undefined;
      throw new MachineError(
        "image",
        `it cannot be locked, as a file beside it cannot be made: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}

/**
 * Says that this process uses a file; the function that it gives ends that. One writer excludes everybody else, readers do not exclude each other. A process that
 * dies holds nothing any more.
 * @throws MachineError (`image`) that names the process which has the file
 */
export function lockDiskFile(file: string, use: Use): () => void {
  const real = realpathSync(file);
  const own = make(real, use);
  const unlock = (): void => {
    if (own !== undefined) remove(own);
  };
  const other = locksOf(real).find((lock) => lock.path !== own && (use === "writing" || lock.use === "writing"));
  if (other === undefined) return unlock;
  unlock();
  const who = other.pid === process.pid ? "this process" : `process ${other.pid}`;
  throw new MachineError(
    "image",
    `${who} is ${other.use} it as a disk: it cannot be used for ${use} at the same time (lock file ${other.path})`,
  );
}
