import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const command = join(dirname(createRequire(import.meta.url).resolve("@mercury/cli/package.json")), "bin", "mercury.js");

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Setting {
  /** Seconds after which the command is killed, if not after 900. */
  readonly seconds?: number;
  readonly input?: string;
  readonly cwd?: string;
}

/** Seconds after which the command is killed, so that one that hangs fails its test and not the run. */
const limit = 1500;

/** Starts the `mercury` command with its three streams as pipes. */
export function start(args: readonly string[], setting: Pick<Setting, "cwd" | "seconds"> = {}): ChildProcessWithoutNullStreams {
  const timeout = (setting.seconds ?? limit) * 1000;
  const options = { stdio: "pipe", timeout, killSignal: "SIGKILL", ...(setting.cwd !== undefined && { cwd: setting.cwd }) } as const;
  return spawn(process.execPath, [command, ...args], options);
}

/** Runs the `mercury` command as a user would. */
export async function mercury(args: readonly string[], setting: Setting = {}): Promise<Outcome> {
  const child = start(args, setting);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("latin1").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("latin1").on("data", (text: string) => (stderr += text));
  // A command that refuses its arguments ends before it has read its input.
  child.stdin.on("error", () => {});
  child.stdin.end(setting.input ?? "");
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { code, stdout, stderr };
}
