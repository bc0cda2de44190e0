import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Layer } from "@mercury/abi";

const require = createRequire(import.meta.url);

/** The compiler's packages and this one, each with what finds it: strict installs show a package its own dependencies only. */
function builders(): readonly string[] {
  const toolchain = require.resolve("@mercury/toolchain/package.json");
  const isa = createRequire(toolchain).resolve("@mercury/isa/package.json");
  const own = require.resolve("@mercury/machine/package.json");
  return [toolchain, isa, require.resolve("@mercury/abi/package.json"), own].map((manifest) => join(dirname(manifest), "dist"));
}

function filesUnder(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile() && entry.name.endsWith(".js")).map((entry) => join(entry.parentPath, entry.name));
}

/** Compiled host code that takes part in every build: the compiler, and what the layers bring. */
export function builderFiles(layers: readonly Layer<string>[]): readonly string[] {
  const brought = layers.map(({ root }) => join(fileURLToPath(root), "dist")).filter((folder) => existsSync(folder));
  return [...builders(), ...brought].flatMap(filesUnder).sort();
}
