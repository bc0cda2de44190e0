import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const workspace = fileURLToPath(new URL("../../", import.meta.url));

/** The compiler of the workspace, as a script: the version that the packages are written for. */
export const typeChecker: string = join(workspace, "node_modules", "typescript", "bin", "tsc");

/** What npm and Node say when there is no way to the registry. */
const unreachable = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ENOTCACHED|network timeout)\b/;

/** No way to the registry: what the packages depend on cannot be installed. */
export class NoRegistry extends Error {
  override readonly name = "NoRegistry";
}

/** Settings of the package manager that started the tests are not those of a user in a folder of their own; only the registry stays. */
function userEnvironment(extra: Readonly<Record<string, string>>): Record<string, string | undefined> {
  const own = Object.entries(process.env).filter(([name]) => !/^npm_(?!config_registry$)/i.test(name));
  return { ...Object.fromEntries(own), ...extra };
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in a folder as a user would. */
export function runIn(folder: string, command: readonly string[], input: string = "", extra: Readonly<Record<string, string>> = {}): Ended {
  const [program = "", ...args] = command;
  const settings = {
    cwd: folder,
    input,
    encoding: "utf8",
    env: userEnvironment(extra),
    timeout: 1_200_000,
    killSignal: "SIGKILL",
  } as const;
  const { status, stdout, stderr, error } = spawnSync(program, args, settings);
  if (error !== undefined) throw error;
  // npx says what it thinks of this computer's own settings.
  return { code: status, stdout, stderr: stderr.replaceAll(/^npm warn .*\n/gm, "") };
}

function mustRun(folder: string, command: readonly string[]): void {
  const { code, stdout, stderr } = runIn(folder, command);
  if (code === 0) return;
  const said = `${command.join(" ")} ended with ${code}:\n${stdout}${stderr}`;
  throw unreachable.test(stderr) ? new NoRegistry(said) : new Error(said);
}

/** Packs workspace packages as they are published; gives their names and tarballs. */
function pack(filters: readonly string[], folder: string): Readonly<Record<string, string>> {
  const { packageManager }: { readonly packageManager: string } = JSON.parse(readFileSync(join(workspace, "package.json"), "utf8"));
  const chosen = filters.flatMap((filter) => ["--filter", filter]);
  mkdirSync(folder);
  mustRun(workspace, ["npx", "--prefer-offline", "-y", packageManager, "--recursive", ...chosen, "pack", "--pack-destination", folder]);
  const tarballs = readdirSync(folder).map((file) => {
    const { stdout } = runIn(folder, ["tar", "-xzOf", file, "package/package.json"]);
    const { name }: { readonly name: string } = JSON.parse(stdout);
    return [name, `file:${join(folder, file)}`] as const;
  });
  return Object.fromEntries(tarballs);
}

/** Packs workspace packages and installs the tarballs with plain npm in a folder. Throws NoRegistry when npm cannot reach it. */
export function installPacked(filters: readonly string[], folder: string): void {
  const dependencies = pack(filters, join(folder, "tarballs"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "somewhere-else", private: true, type: "module", dependencies }));
  mustRun(folder, ["npm", "install", "--prefer-offline", "--no-audit", "--no-fund", "--fetch-retries=1"]);
}
