import { spawnSync } from "node:child_process";

/** What is used of vitest's test context. */
interface Skippable {
  readonly skip: (reason: string) => void;
}

/** Skips the test, visibly, when a program is not installed; in CI (CI=true) that is a failure. */
export function requireTool(context: Skippable, command: string, ...probe: readonly string[]): void {
  if (spawnSync(command, probe, { stdio: "ignore" }).error === undefined) return;
  if (process.env["CI"] === "true") throw new Error(`${command} is not installed, and CI tests everything`);
  context.skip(`${command} is not installed`);
}
