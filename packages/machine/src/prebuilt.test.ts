import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Places } from "./build/places.ts";
import { readShipped, type Sources, writeShipped } from "./prebuilt.ts";

const bytes = Uint8Array.of(1, 2, 3);
let folder = "";
let shipped = "";

/** Sources that lie in one package, in a folder of the test's. */
function sourcesIn(name: string, wish: string = "kernel"): Sources {
  const root = join(folder, name);
  return { key: JSON.stringify([wish, `${root}/`]), places: new Places(new Map([["@acme/layer", root]])) };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mercury-prebuilt-"));
  shipped = join(folder, "shipped");
  mkdirSync(join(folder, "here"));
  writeFileSync(join(folder, "here", "index.ts"), "one");
  writeShipped(sourcesIn("here"), { bytes, inputs: [join(folder, "here", "index.ts")] }, shipped);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("the image is found where the same packages lie elsewhere", () => {
  cpSync(join(folder, "here"), join(folder, "there"), { recursive: true });
  rmSync(join(folder, "here"), { recursive: true });
  expect(readShipped(sourcesIn("there"), shipped)).toEqual(bytes);
});

test("the image of other wishes is not", () => {
  expect(readShipped(sourcesIn("here", "another kernel"), shipped)).toBeNull();
});

test("a changed or missing source gives up the image", () => {
  writeFileSync(join(folder, "here", "index.ts"), "two");
  expect(readShipped(sourcesIn("here"), shipped)).toBeNull();
  rmSync(join(folder, "here", "index.ts"));
  expect(readShipped(sourcesIn("here"), shipped)).toBeNull();
});

test("a damaged image is not used", () => {
  writeFileSync(join(shipped, "mercury.elf"), Uint8Array.of(1, 2));
  expect(readShipped(sourcesIn("here"), shipped)).toBeNull();
});

test("an input of no package cannot be shipped", () => {
  const stray = join(folder, "stray.ts");
  expect(() => writeShipped(sourcesIn("here"), { bytes, inputs: [stray] }, shipped)).toThrow(stray);
});
