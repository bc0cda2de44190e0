// A release without its effects: the versions and change logs that the changesets give, in a copy; in CI also all that `publish` does before it sends.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const workspace = resolve(".");

function run(folder, command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? `${stdout}${stderr}`}`);
  return stdout;
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/** What changesets read, as a repository of its own: they ask git for the commits that brought them. */
function copyTo(folder) {
  const patterns = ["package.json", "*/package.json", "*CHANGELOG.md", ".changeset", "pnpm-workspace.yaml"];
  const files = run(workspace, "git", ["ls-files", "--", ...patterns])
    .trim()
    .split("\n")
    .filter(existsSync);
  for (const file of files) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    cpSync(file, join(folder, file));
  }
  const identity = ["-c", "user.name=Release", "-c", "user.email=release@localhost", "-c", "commit.gpgSign=false"];
  run(folder, "git", ["init", "--quiet"]);
  run(folder, "git", ["add", "--all"]);
  run(folder, "git", [...identity, "commit", "--quiet", "--message", "before the release"]);
  symlinkSync(join(workspace, "node_modules"), join(folder, "node_modules"));
  return files.filter((file) => file.endsWith("package.json")).map(dirname);
}

/** What is wrong with the copy after `changeset version`. */
function faultsOf(copy, folders) {
  const released = run(workspace, "git", ["ls-files", "--", ".changeset/*.md"])
    .trim()
    .split("\n")
    .filter((file) => !file.endsWith("README.md"))
    .flatMap((file) => [...readFileSync(file, "utf8").matchAll(/^"([^"]+)": (?:major|minor|patch)$/gm)].map(([, name]) => name));
  return folders.flatMap((folder) => {
    const { name, version } = manifestOf(join(copy, folder));
    if (!released.includes(name)) return [];
    if (version === manifestOf(folder).version) return [`${name} stays at ${version}, though a changeset releases it`];
    const log = join(copy, folder, "CHANGELOG.md");
    const told = existsSync(log) && readFileSync(log, "utf8").includes(`\n## ${version}\n`);
    return told ? [] : [`${name} ${version} is not in its change log`];
  });
}

const copy = mkdtempSync(join(tmpdir(), "mercury-release-"));
try {
  const folders = copyTo(copy);
  run(copy, join(workspace, "node_modules", ".bin", "changeset"), ["version"]);
  const faults = faultsOf(copy, folders);
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
  const { packageManager } = manifestOf(workspace);
  const publish = ["--prefer-offline", "-y", packageManager, "--recursive", "publish", "--dry-run", "--no-git-checks"];
  if (process.env.CI) run(workspace, "npx", publish);
} finally {
  rmSync(copy, { recursive: true, force: true });
}
