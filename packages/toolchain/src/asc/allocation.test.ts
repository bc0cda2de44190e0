import { expect, test } from "vitest";
import { scratchPackage } from "../testing/scratch.ts";
import { compileMetal } from "./compile.ts";

// Alone in its file: Binaryen keeps names only after it was told to, and a compilation before this one would have told it.
test("the first compilation of a process already knows allocations by name", async () => {
  const scratch = scratchPackage("@acme/first", {
    "metal/index.ts": "class Pair { a: u32 = 1; }\nexport function f(): u32 { return new Pair().a; }",
  });
  try {
    const compiled = compileMetal({ roots: [scratch.root], entries: ["@acme/first/metal"], bindings: {}, memoryBase: 0, optimise: 1 });
    await expect(compiled).rejects.toThrow("metal/index.ts:2: allocates a managed object");
  } finally {
    scratch.remove();
  }
});
