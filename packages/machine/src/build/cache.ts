import { mkdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type CacheLimits, prune, standardLimits } from "./prune.ts";
import { hash, hashOfFile, type Receipt } from "./receipt.ts";

/** What a build step made, and the files that it was made of. */
export interface Product {
  readonly bytes: Uint8Array;
  /** Absolute paths. */
  readonly inputs: readonly string[];
}

/** Where products are kept: the user's cache folder (XDG Base Directory Specification 0.8). */
export function defaultCacheFolder(): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "mercury");
}

/** A source that is edited while it is compiled: nobody can say which of its contents went into the product. */
function hasChangedSince(file: string, milliseconds: number): boolean {
  const status = statSync(file, { throwIfNoEntry: false });
  return status === undefined || status.mtimeMs > milliseconds;
}

/**
 * Products of build steps, kept while every file that they were made of stays the same. A folder that cannot be written
 * costs time and nothing else. A product that is put in makes old ones go.
 */
export class BuildCache {
  readonly #folder: string;
  readonly #limits: CacheLimits;
  readonly #hashes = new Map<string, string | null>();

  constructor(folder: string = defaultCacheFolder(), limits: CacheLimits = standardLimits) {
    this.#folder = folder;
    this.#limits = limits;
  }

  /** The product of a step. `key` says everything that decides it besides the inputs' contents. */
  async get(key: string, make: () => Promise<Product>): Promise<Product> {
    const name = hash(key);
    const kept = this.#read(name);
    if (kept !== null) return kept;
    // A millisecond of grace: files' times are finer than this clock.
    const start = Date.now() + 1;
    const product = await make();
    if (!product.inputs.some((file) => hasChangedSince(file, start))) this.#write(name, product);
    return product;
  }

  /** Hash of a file's contents now, or null when there is none. Files are taken not to change under one cache. */
  #hashOf(file: string): string | null {
    const known = this.#hashes.get(file);
    if (known !== undefined) return known;
    const value = hashOfFile(file);
    this.#hashes.set(file, value);
    return value;
  }

  #read(name: string): Product | null {
    try {
      // Written by #write below; what is not of this shape fails the comparisons.
      const receipt = JSON.parse(readFileSync(join(this.#folder, `${name}.json`), "utf8")) as Receipt;
      const inputs = Object.keys(receipt.inputs);
      if (!inputs.every((file) => this.#hashOf(file) === receipt.inputs[file])) return null;
      const bytes = new Uint8Array(readFileSync(join(this.#folder, `${name}.bin`)));
      if (hash(bytes) !== receipt.bytes) return null;
      this.#touch(name);
      return { bytes, inputs };
    } catch {
      return null;
    }
  }

  /** Says that a product is in use: its receipt's time is what `prune` goes by. */
  #touch(name: string): void {
    try {
      const now = new Date();
      utimesSync(join(this.#folder, `${name}.json`), now, now);
    } catch {
      // Pruned by another process, or not ours to write: it was read all the same.
    }
  }

  #write(name: string, { bytes, inputs }: Product): void {
    const hashes = Object.fromEntries(inputs.map((file) => [file, this.#hashOf(file) ?? ""]));
    const receipt: Receipt = { inputs: hashes, bytes: hash(bytes) };
    try {
      mkdirSync(this.#folder, { recursive: true });
      this.#replace(`${name}.bin`, bytes);
      this.#replace(`${name}.json`, JSON.stringify(receipt));
      prune(this.#folder, this.#limits, Date.now());
    } catch {
      // No cache, then.
    }
  }

  /** Puts a file in place whole, as another process may be reading it. */
  #replace(name: string, contents: Uint8Array | string): void {
    const draft = join(this.#folder, `${name}.${process.pid}`);
    writeFileSync(draft, contents);
    renameSync(draft, join(this.#folder, name));
  }
}
