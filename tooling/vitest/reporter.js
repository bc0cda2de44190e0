import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Writes `<package>/.results/vitest.json` with the counts of one run. turbo keeps the file as the output of the
 * `test` task, so the counts are right as well when a run is replayed from its cache.
 *
 * @implements {import("vitest/node").Reporter}
 */
export class CountReporter {
  #root = process.cwd();

  /** @param {import("vitest/node").Vitest} vitest */
  onInit(vitest) {
    this.#root = vitest.config.root;
  }

  /**
   * @param {ReadonlyArray<import("vitest/node").TestModule>} modules
   * @param {ReadonlyArray<unknown>} errors errors outside of any module
   */
  onTestRunEnd(modules, errors) {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        // "pending" here means that the run was cut short: the test did not pass.
        counts[state === "pending" ? "failed" : state] += 1;
      }
    }
    const folder = join(this.#root, ".results");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "vitest.json"), `${JSON.stringify(counts)}\n`);
  }
}
