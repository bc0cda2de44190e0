import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Product } from "./build/cache.ts";
import type { Places } from "./build/places.ts";
import { hash, hashOfFile, type Receipt } from "./build/receipt.ts";

/** Where the image lies that comes with this package; the same from `src` and from `dist`. */
const shippedFolder = fileURLToPath(new URL("../build/image/", import.meta.url));
const names = { image: "mercury.elf", receipt: "mercury.json" } as const;

/** What decides an image: what is asked for, and the packages that its inputs lie in. */
export interface Sources {
  /** JSON. Paths in it are absolute. */
  readonly key: string;
  readonly places: Places;
}

/** A receipt whose inputs have names of `Places`, as the package is installed elsewhere than it was built. */
interface ShippedReceipt extends Receipt {
  readonly key: string;
}

/** Hash of a key with every path in it replaced by its name. */
function portableKey({ key, places }: Sources): string {
  return hash(JSON.stringify(JSON.parse(key, (_, value: unknown) => (typeof value === "string" ? places.nameOf(value) : value))));
}

/** The shipped image, when it was made for these sources and every input is as it was then; null otherwise. */
export function readShipped(sources: Sources, folder: string = shippedFolder): Uint8Array | null {
  let receipt: ShippedReceipt;
  let bytes: Uint8Array;
  try {
    // Written by writeShipped below; what is not of this shape fails the comparisons.
    receipt = JSON.parse(readFileSync(join(folder, names.receipt), "utf8")) as ShippedReceipt;
    bytes = new Uint8Array(readFileSync(join(folder, names.image)));
  } catch {
    return null;
  }
  if (receipt.key !== portableKey(sources) || receipt.bytes !== hash(bytes)) return null;
  return Object.entries(receipt.inputs).every(([name, value]) => isUnchanged(sources.places, name, value)) ? bytes : null;
}

function isUnchanged(places: Places, name: string, value: string): boolean {
  const file = places.fileOf(name);
  return file !== null && hashOfFile(file) === value;
}

/** Puts an image where readShipped finds it. Throws for an input that no package brings. */
export function writeShipped(sources: Sources, { bytes, inputs }: Product, folder: string = shippedFolder): void {
  const hashes = inputs.map((file) => {
    const name = sources.places.nameOf(file);
    if (name === file) throw new Error(`${file} is an input of the image and lies in no package of its machine`);
    return [name, hashOfFile(file) ?? ""] as const;
  });
  const inOrder = hashes.toSorted(([one], [other]) => (one < other ? -1 : 1));
  const receipt: ShippedReceipt = { key: portableKey(sources), inputs: Object.fromEntries(inOrder), bytes: hash(bytes) };
  mkdirSync(folder, { recursive: true });
  replace(join(folder, names.image), bytes);
  replace(join(folder, names.receipt), `${JSON.stringify(receipt, null, 2)}\n`);
}

/** Puts a file in place whole, as a command may be reading it. */
function replace(file: string, contents: Uint8Array | string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, contents);
  renameSync(draft, file);
}
