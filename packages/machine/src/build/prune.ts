import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** What a cache keeps: so many products, none of them unused for longer. */
export interface CacheLimits {
  readonly products: number;
  /** Milliseconds since the last use. */
  readonly age: number;
}

const day = 86_400_000;

/** A machine has about five products; what a month has not asked for is made again in a minute. */
export const standardLimits: CacheLimits = { products: 200, age: 30 * day };

/** Drafts are renamed at once: one that is a day old was left by a process that died. */
const draftAge = day;

/** Names that a cache gives: a hash, what it is, and the process while it is a draft. Other programs may have files beside. */
const ours = /^[0-9a-f]{64}\.(json|bin)(\.\d+)?$/;

interface Entry {
  readonly file: string;
  /** Milliseconds since the epoch. */
  readonly used: number;
}

function entriesOf(folder: string): readonly Entry[] {
  const names = readdirSync(folder).filter((name) => ours.test(name));
  return names.flatMap((name) => {
    const file = join(folder, name);
    const status = statSync(file, { throwIfNoEntry: false });
    return status?.isFile() ? [{ file, used: status.mtimeMs }] : [];
  });
}

/**
 * Removes the products of a cache folder that have not been used for long, and the oldest beyond a number. Another process may read or write the
 * folder meanwhile: a product that goes away under its hands is one that it makes again.
 */
export function prune(folder: string, { products, age }: CacheLimits, now: number): void {
  const entries = entriesOf(folder);
  // A receipt's time is that of the product's last use; the bytes are read under it alone.
  const receipts = entries.filter(({ file }) => file.endsWith(".json")).toSorted((one, other) => other.used - one.used);
  const stale = receipts.filter(({ used }, index) => index >= products || now - used > age);
  for (const { file } of stale) {
    rmSync(file, { force: true });
    rmSync(file.replace(/\.json$/, ".bin"), { force: true });
  }
  const kept = new Set(receipts.map(({ file }) => file.replace(/\.json$/, ".bin")));
  const strays = entries.filter(({ file, used }) => !file.endsWith(".json") && !kept.has(file) && now - used > draftAge);
  for (const { file } of strays) rmSync(file, { force: true });
}
