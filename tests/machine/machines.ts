import { bochs, qemu, type Runner, x86 } from "@mercury/machine";
import { describe } from "vitest";
import { available } from "./tools.ts";

/** The machines on which the whole system is tested. Ours counts instructions as time, so that its runs repeat. */
export const machines: readonly Runner[] = [x86({ icount: true }), qemu, bochs];

/** Describes tests once for each machine that is there. */
export function onEach(runners: readonly Runner[], tests: (runner: Runner) => void): void {
  for (const runner of runners) describe.runIf(available(runner))(`on ${runner.name}`, () => tests(runner));
}

export { bochs, qemu, x86 };
