import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { assembleImage, BuildCache, defineMachine, shippedImage } from "@mercury/machine";

test("the image that is shipped is what the sources give, byte for byte", async () => {
  const folder = mkdtempSync(join(tmpdir(), "mercury-rebuilt-"));
  try {
    const shipped = shippedImage(defineMachine());
    expect(shipped, "an image was shipped, and for these sources").not.toBeNull();
    const { bytes } = await assembleImage(defineMachine(), new BuildCache(folder));
    expect(Buffer.compare(shipped ?? new Uint8Array(0), bytes)).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("it stands for every way to start the same layers, and for no other layers", () => {
  const shipped = shippedImage(defineMachine());
  expect(shippedImage(defineMachine({ mode: "virtual", memory: 64, test: true }))).toEqual(shipped);
  expect(shippedImage(defineMachine({ vmm: null }))).toBeNull();
});
