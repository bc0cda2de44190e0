import { spawnSync } from "node:child_process";
import type { Runner } from "@mercury/machine";
import { possible } from "@mercury/vitest/possible";
import type { TestContext } from "vitest";

/** Whether a test can use a machine. */
export function available(runner: Runner): boolean {
  return possible(`tests on ${runner.name}`, runner.missing());
}

/** Builds a 32-bit program from C; answers what the compiler says when it cannot, as it cannot without a 32-bit C library. */
export function compile32(source: string, program: string, ...options: readonly string[]): string | null {
  const { status, error, stderr } = spawnSync("gcc", ["-m32", ...options, "-o", program, source], { encoding: "latin1" });
  return status === 0 ? null : (error?.message ?? stderr);
}

/** Skips a test whose program could not be built. */
export function requireProgram(context: TestContext, trouble: string | null): void {
  const [reason = ""] = trouble?.split("\n") ?? [];
  if (!possible("tests of C programs", trouble === null ? null : `gcc -m32 (Debian package gcc-multilib): ${reason}`)) context.skip();
}
