import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A package in a temporary folder. */
export interface ScratchPackage {
  readonly root: string;
  /** Absolute path of one of its files. */
  readonly path: (name: string) => string;
  readonly remove: () => void;
}

/** Writes a package of metal modules; `files` are their texts by path (`metal/index.ts`). */
export function scratchPackage(name: string, files: Readonly<Record<string, string>>): ScratchPackage {
  const root = mkdtempSync(join(tmpdir(), "mercury-metal-"));
  const manifest = JSON.stringify({ name, type: "module", exports: { "./metal": { metal: "./metal/index.ts" } } });
  for (const [path, text] of Object.entries({ "package.json": manifest, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { root, path: (file) => join(root, file), remove: () => rmSync(root, { recursive: true }) };
}
