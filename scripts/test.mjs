// `npm test`: every check of the repository, then the closing line `N passed, N failed, N skipped`.
// A check that is not a test (types, lint, format, layers, dead code, packages) counts as one failure when it fails.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

process.env.TURBO_TELEMETRY_DISABLED = "1";

/** Folders of the workspace that hold one package each (pnpm-workspace.yaml). */
const groups = ["packages", "apps", "tooling", "examples", "tests"];

/** Tasks side by side; two, as whole machines and compilers fill a small computer. */
const turbo = ["run", "--concurrency=2", "--continue=dependencies-successful", "--log-order=grouped", "--output-logs=new-only"];

/** @type {ReadonlyArray<{ name: string, command: string, args: string[] }>} in order: what others need, what is quick, what takes long */
const checks = [
  { name: "build", command: "turbo", args: [...turbo, "build"] },
  { name: "layers", command: "turbo", args: ["boundaries"] },
  { name: "lint", command: "oxlint", args: [] },
  { name: "format", command: "oxfmt", args: ["--check"] },
  { name: "dead code", command: "knip", args: [] },
  { name: "release", command: "node", args: ["scripts/check-release.mjs"] },
  { name: "documents", command: "node", args: ["scripts/check-documents.mjs"] },
  { name: "types and packages", command: "turbo", args: [...turbo, "typecheck", "check:package"] },
  // Every export is explained, and every type that an export names is an export.
  { name: "documentation", command: "turbo", args: [...turbo, "docs"] },
];

/** Runs one program on this terminal; true when it ended with 0. */
function passes({ name, command, args }) {
  const { status, error } = spawnSync(command, args, { stdio: "inherit" });
  if (error) console.error(`npm test: cannot run ${command}: ${error.message}`);
  if (status !== 0) console.error(`npm test: ${name} failed`);
  return status === 0;
}

/** Packages with a `test` script. */
function testedPackages() {
  return groups
    .filter((group) => existsSync(group))
    .flatMap((group) => readdirSync(group).map((name) => join(group, name)))
    .filter((folder) => {
      const manifest = join(folder, "package.json");
      return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).scripts?.test !== undefined;
    });
}

/** Adds up what the reporter of tooling/vitest wrote; a package without a result did not get to the end of its tests. */
function countTests(packages) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const folder of packages) {
    const file = join(folder, ".results", "vitest.json");
    if (!existsSync(file)) {
      console.error(`npm test: ${folder} has no test result`);
      total.failed += 1;
      continue;
    }
    const counts = JSON.parse(readFileSync(file, "utf8"));
    for (const key of Object.keys(total)) total[key] += counts[key];
  }
  return total;
}

const packages = testedPackages();
for (const folder of packages) rmSync(join(folder, ".results"), { recursive: true, force: true });

const failedChecks = checks.filter((check) => !passes(check)).length;
const testsPassed = passes({ name: "test", command: "turbo", args: [...turbo, "test"] });
const total = countTests(packages);
if (!testsPassed && total.failed === 0) total.failed = 1;
total.failed += failedChecks;

const skipsFail = Boolean(process.env.CI) && total.skipped > 0;
if (skipsFail) console.error(`npm test: ${total.skipped} skipped: in CI every tool is there, so nothing may be skipped`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 || skipsFail ? 1 : 0;
