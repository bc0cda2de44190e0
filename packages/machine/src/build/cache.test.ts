import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BuildCache } from "./cache.ts";

let folder = "";
let source = "";
let made = 0;

const make = async (): Promise<{ bytes: Uint8Array; inputs: string[] }> => {
  made += 1;
  return { bytes: Uint8Array.of(made), inputs: [source] };
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mercury-cache-"));
  source = join(folder, "source.ts");
  writeFileSync(source, "one");
  made = 0;
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a product is made once while its inputs stay the same", async () => {
  await new BuildCache(folder).get("step", make);
  const again = await new BuildCache(folder).get("step", make);
  expect(made).toBe(1);
  expect(again.bytes).toEqual(Uint8Array.of(1));
  expect(again.inputs).toEqual([source]);
});

test("a changed input makes the product anew", async () => {
  await new BuildCache(folder).get("step", make);
  writeFileSync(source, "two");
  expect((await new BuildCache(folder).get("step", make)).bytes).toEqual(Uint8Array.of(2));
});

test.each([
  ["edited", () => writeFileSync(source, "two")],
  ["removed", () => rmSync(source)],
])("an input that is %s while the product is made leaves nothing to be kept", async (_, interfere) => {
  await new BuildCache(folder).get("step", async () => {
    const product = await make();
    interfere();
    const soon = Date.now() / 1000 + 1;
    if (existsSync(source)) utimesSync(source, soon, soon);
    return product;
  });
  writeFileSync(source, "two");
  expect((await new BuildCache(folder).get("step", make)).bytes).toEqual(Uint8Array.of(2));
});

test("a removed input makes the product anew", async () => {
  await new BuildCache(folder).get("step", make);
  rmSync(source);
  expect((await new BuildCache(folder).get("step", make)).bytes).toEqual(Uint8Array.of(2));
});

test("another key is another product", async () => {
  await new BuildCache(folder).get("step", make);
  await new BuildCache(folder).get("other step", make);
  expect(made).toBe(2);
});

test("a damaged product is made anew", async () => {
  await new BuildCache(folder).get("step", make);
  const products = readdirSync(folder).filter((name) => name.endsWith(".bin"));
  expect(products).toHaveLength(1);
  for (const name of products) writeFileSync(join(folder, name), Uint8Array.of(99));
  expect((await new BuildCache(folder).get("step", make)).bytes).toEqual(Uint8Array.of(2));
});

test("a folder that cannot be made costs only time", async () => {
  const cache = new BuildCache(join(source, "no-folder"));
  expect((await cache.get("step", make)).bytes).toEqual(Uint8Array.of(1));
  expect((await cache.get("step", make)).bytes).toEqual(Uint8Array.of(2));
});
