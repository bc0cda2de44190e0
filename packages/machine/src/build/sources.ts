import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Layer } from "@mercury/abi";

const require = createRequire(import.meta.url);

/** The compiler's packages and this one, each with what finds it: strict installs show a package its own dependencies only. */
function builders(): readonly (readonly [string, string])[] {
  const toolchain = require.resolve("@mercury/toolchain/package.json");
  const isa = createRequire(toolchain).resolve("@mercury/isa/package.json");
  const manifests = {
    "@mercury/toolchain": toolchain,
    "@mercury/isa": isa,
    "@mercury/abi": require.resolve("@mercury/abi/package.json"),
    "@mercury/machine": require.resolve("@mercury/machine/package.json"),
  };
  return Object.entries(manifests).map(([name, manifest]) => [name, dirname(manifest)]);
}

/** Root folders, by name, of the packages that take part in a build: those of the compiler, and the layers'. */
export function packagesOf(layers: readonly Layer<string>[]): ReadonlyMap<string, string> {
  return new Map([...builders(), ...layers.map(({ packageName, root }) => [packageName, resolve(fileURLToPath(root))] as const)]);
}

function filesUnder(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile() && entry.name.endsWith(".js")).map((entry) => join(entry.parentPath, entry.name));
}

/** Compiled host code that takes part in every build of these packages. */
export function builderFiles(packages: ReadonlyMap<string, string>): readonly string[] {
  const compiled = [...packages.values()].map((root) => join(root, "dist")).filter((folder) => existsSync(folder));
  return compiled.flatMap(filesUnder).sort();
}
