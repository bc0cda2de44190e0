import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** What is kept beside a product, and says whether it is still what its sources give. */
export interface Receipt {
  /** Hash of each input's contents when the bytes were made. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Hash of the bytes, against a file that was cut off. */
  readonly bytes: string;
}

export function hash(contents: Uint8Array | string): string {
  return createHash("sha256").update(contents).digest("hex");
}

/** Hash of a file's contents, or null when there is none: a file that went away is a change like any other. */
export function hashOfFile(file: string): string | null {
  try {
    return hash(readFileSync(file));
  } catch {
    return null;
  }
}
