import type { Runner } from "@mercury/machine";
import { possible } from "@mercury/vitest/possible";

/** Whether a test can use a machine. */
export function available(runner: Runner): boolean {
  return possible(`tests on ${runner.name}`, runner.missing());
}
