import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { MetalBuildError } from "./errors.ts";

/** Where this package lies: its own metal is part of every image. */
const ownRoot = fileURLToPath(new URL("../../", import.meta.url));

/** Finds the real root folder of packages by name, one root for each name, since asc knows a package by its name alone. */
export class PackageRoots {
  private readonly found = new Map<string, string>();
  private readonly metalFolders = new Map<string, string | null>();
  private readonly searchFrom: readonly string[];

  /** `roots`: folders of the packages that make up the image; other packages are looked up from them as Node would. */
  constructor(roots: readonly string[]) {
    this.searchFrom = [ownRoot, ...roots].map((root) => realpathSync(root));
    for (const root of this.searchFrom) this.learn(nameOf(root), root);
  }

  /** The real file that asc means by `name/inside`, or null. */
  file(name: string, inside: string): string | null {
    const root = this.root(name);
    if (root === null) return null;
    const mapped = this.metalFolder(name, root);
    const candidates = [join(root, inside)];
    if (mapped !== null && inside.startsWith("metal/")) candidates.unshift(join(mapped, inside.slice("metal/".length)));
    return candidates.find((file) => existsSync(file)) ?? null;
  }

  private root(name: string): string | null {
    const known = this.found.get(name);
    if (known !== undefined) return known;
    for (const from of this.searchFrom) {
      const folders = createRequire(join(from, "package.json")).resolve.paths(name) ?? [];
      const folder = folders.map((candidate) => join(candidate, name)).find((candidate) => existsSync(join(candidate, "package.json")));
      if (folder !== undefined) this.learn(name, realpathSync(folder));
    }
    return this.found.get(name) ?? null;
  }

  private learn(name: string, root: string): void {
    const known = this.found.get(name);
    if (known !== undefined && known !== root) {
      throw new MetalBuildError([{ file: null, line: 0, message: `${name} is installed more than once: ${known} and ${root}` }]);
    }
    this.found.set(name, root);
  }

  /** Folder behind `exports["./metal"].metal` where that is not `metal/` itself. */
  private metalFolder(name: string, root: string): string | null {
    const known = this.metalFolders.get(name);
    if (known !== undefined) return known;
    const target = manifest(root).exports?.["./metal"]?.metal;
    const folder = target === undefined ? null : dirname(join(root, target));
    const mapped = folder === join(root, "metal") ? null : folder;
    this.metalFolders.set(name, mapped);
    return mapped;
  }
}

interface Manifest {
  readonly name?: string;
  readonly exports?: Readonly<Record<string, { readonly metal?: string } | undefined>>;
}

function manifest(root: string): Manifest {
  const file = join(root, "package.json");
  try {
    // What the file holds beyond these two keys does not matter here.
    return JSON.parse(readFileSync(file, "utf8")) as Manifest;
  } catch (error) {
    throw new MetalBuildError([{ file, line: 0, message: `not a package: ${error instanceof Error ? error.message : String(error)}` }]);
  }
}

function nameOf(root: string): string {
  const { name } = manifest(root);
  if (name === undefined) throw new MetalBuildError([{ file: join(root, "package.json"), line: 0, message: "the package has no name" }]);
  return name;
}
