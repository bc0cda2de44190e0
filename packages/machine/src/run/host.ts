import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { MachineError } from "../errors.ts";

/** Whether a program can be started by its name alone. */
export function onPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A folder for the files of one run. */
export interface Scratch {
  readonly path: string;
  readonly remove: () => void;
}

/** Makes an empty folder under the system's one for temporary files. */
export function scratch(): Scratch {
  const path = mkdtempSync(join(tmpdir(), "mercury-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** How a program ended, and what it said. */
export interface Ended {
  /** Exit status, or null after a signal. */
  readonly status: number | null;
  /** Standard output and standard error, in the order they came. */
  readonly output: string;
}

/** A program that was started with a closed standard input. */
export interface Program {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts a program and gathers what it says. `ended` rejects with a MachineError when the program cannot be started. */
export function start(command: string, args: readonly string[]): Program {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const gather = (text: string): void => {
    output += text;
  };
  child.stdout.setEncoding("utf8").on("data", gather);
  child.stderr.setEncoding("utf8").on("data", gather);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", (error) => reject(new MachineError("tool", `${command} cannot be started: ${error.message}`)));
    child.once("close", (status) => resolve({ status, output }));
  });
  return { process: child, ended };
}
