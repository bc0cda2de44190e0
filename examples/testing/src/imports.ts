import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What stands behind `from`, in an import or an export, or behind a bare `import`. */
const specifier = /^(?:(?:import|export)\b[^"';]*\bfrom|import) "([^"]+)"/gm;

function sourcesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Everything that the sources in some of a package's folders import from outside it and from outside Node, sorted, each once. */
export function importsOf(root: string, ...folders: readonly ("src" | "metal" | "stubs")[]): string[] {
  const found = folders
    .flatMap((folder) => sourcesUnder(join(root, folder)))
    .flatMap((file) => [...readFileSync(file, "utf8").matchAll(specifier)].flatMap(([, name]) => (name === undefined ? [] : [name])));
  return [...new Set(found)].filter((name) => !name.startsWith(".") && !name.startsWith("node:")).sort();
}
