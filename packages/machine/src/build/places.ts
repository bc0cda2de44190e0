import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Names for the files of some packages that say nothing of where a package lies: `@mercury/vo/metal/index.ts`. */
export class Places {
  readonly #packages: ReadonlyMap<string, string>;

  /** `packages` has the root folder of each package by its name. */
  constructor(packages: ReadonlyMap<string, string>) {
    this.#packages = packages;
  }

  /** The name of an absolute path or `file:` URL. Any other text, and the path of a file in none of the packages, stays as it is. */
  nameOf(text: string): string {
    const path = text.startsWith("file:") ? fileURLToPath(text) : text;
    for (const [name, folder] of this.#packages) {
      if (path.startsWith(`${folder}/`)) return `${name}${path.slice(folder.length)}`;
    }
    return text;
  }

  /** The path of a file by its name, or null when its package is none of these. */
  fileOf(name: string): string | null {
    for (const [packageName, folder] of this.#packages) {
      if (name.startsWith(`${packageName}/`)) return join(folder, name.slice(packageName.length));
    }
    return null;
  }
}
