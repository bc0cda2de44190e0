import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BuildCache } from "./cache.ts";
import { prune } from "./prune.ts";

let folder = "";
const second = 1000;
const day = 86_400 * second;
/** A moment far from the present: only differences count. */
const now = 2_000_000_000 * second;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mercury-prune-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The name that a cache would give: 64 digits. */
function fileOf(name: string): string {
  const [stem = "", ...rest] = name.split(".");
  return [Buffer.from(stem).toString("hex").padEnd(64, "0"), ...rest].join(".");
}

function put(file: string, age: number): void {
  writeFileSync(join(folder, file), "");
  const time = (now - age) / second;
  utimesSync(join(folder, file), time, time);
}

/** A product that was made long ago and used last at an age. */
function product(name: string, age: number): void {
  put(fileOf(`${name}.bin`), 300 * day);
  put(fileOf(`${name}.json`), age);
}

const left = (): readonly string[] => readdirSync(folder).toSorted();

describe("prune", () => {
  test("removes what has not been used for too long, and nothing that has", () => {
    product("old", 11 * day);
    product("used", 9 * day);
    prune(folder, { products: 10, age: 10 * day }, now);
    expect(left()).toEqual([fileOf("used.bin"), fileOf("used.json")]);
  });

  test("keeps the newest of too many", () => {
    for (const [name, age] of [
      ["c", 3],
      ["a", 1],
      ["d", 4],
      ["b", 2],
    ] as const)
      product(name, age * day);
    prune(folder, { products: 2, age: 10 * day }, now);
    expect(left()).toEqual(["a.bin", "a.json", "b.bin", "b.json"].map(fileOf));
  });

  test("leaves what another process may be writing, and takes away what a dead one left", () => {
    put(fileOf("x.json.17"), 2 * day);
    put(fileOf("x.bin.18"), second);
    put(fileOf("fresh.bin"), second);
    put(fileOf("torn.bin"), 2 * day);
    prune(folder, { products: 10, age: 10 * day }, now);
    expect(left()).toEqual(["fresh.bin", "x.bin.18"].map(fileOf).toSorted());
  });
});

test("other programs' files are not its to remove", () => {
  for (const name of ["settings.json", "mail.bin", "0123.json"]) put(name, 300 * day);
  prune(folder, { products: 0, age: day }, now);
  expect(left()).toHaveLength(3);
});

describe("a cache", () => {
  const step = async (): Promise<{ bytes: Uint8Array; inputs: string[] }> => ({ bytes: Uint8Array.of(1), inputs: [] });
  const limits = { products: 2, age: 30 * day };

  test("a use keeps a product, and a new product makes room for itself", async () => {
    const cache = new BuildCache(folder, limits);
    await cache.get("first", step);
    await cache.get("second", step);
    for (const name of left().filter((file) => file.endsWith(".json"))) utimesSync(join(folder, name), 1, 1);
    const missed = async (key: string): Promise<boolean> => {
      let made = false;
      await cache.get(key, async () => ((made = true), step()));
      return made;
    };
    expect(await missed("first")).toBe(false);
    expect(await missed("third")).toBe(true);
    expect(left().filter((file) => file.endsWith(".json"))).toHaveLength(2);
    expect(await missed("first")).toBe(false);
    expect(await missed("second")).toBe(true);
  });

  test("many at once in one folder lose no product that they hold", async () => {
    const caches = Array.from({ length: 4 }, () => new BuildCache(folder, limits));
    const rounds = Array.from({ length: 40 }, async (_, index) => {
      const bytes = Uint8Array.of(index % 7);
      const product = await caches[index % 4]?.get(`step ${index % 7}`, async () => ({ bytes, inputs: [] }));
      expect(product?.bytes).toEqual(bytes);
    });
    await Promise.all(rounds);
    expect(existsSync(folder)).toBe(true);
    expect(left().filter((file) => file.endsWith(".json")).length).toBeLessThanOrEqual(2);
  });
});
