import type { Runner } from "@mercury/machine";

/** Whether a test can use a machine. In CI every machine must be there; elsewhere its tests are skipped, and the reason is printed. */
export function available(runner: Runner): boolean {
  const missing = runner.missing();
  if (missing === null) return true;
  if (process.env["CI"]) throw new Error(`CI without ${runner.name}: ${missing}`);
  console.warn(`skipping the tests on ${runner.name}: ${missing}`);
  return false;
}
