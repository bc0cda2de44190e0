import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeCpio } from "@mercury/guest-os";
import { afterAll, beforeAll, describe, expect, test, type TestContext } from "vitest";
import { mercury } from "./mercury.ts";

const source = fileURLToPath(new URL("programs/linux.c", import.meta.url));
const expected = `3 arguments, last last, in /
child 3, here 5
plain 10
detailed 12
heap 7, shared 9
ended by signal 11
slept long enough
`;

let folder = "";
/** What the host's compiler said; empty: the program is there. */
let trouble = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mercury-"));
  const program = join(folder, "linux");
  const { error, stderr } = spawnSync("gcc", ["-m32", "-static", "-O1", "-o", program, source], { encoding: "latin1" });
  trouble = error?.message ?? stderr;
  if (trouble !== "") return;
  const entry = { path: "linux", mode: 0o100755, contents: readFileSync(program), inode: 0, links: 1 };
  writeFileSync(join(folder, "root.cpio"), writeCpio([entry]));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A host without a 32-bit C library cannot build the program; in CI it must. */
function requireProgram(context: TestContext): void {
  if (trouble === "") return;
  if (process.env["CI"] === "true") throw new Error(`gcc -m32 -static: ${trouble}`);
  context.skip(`gcc -m32 -static: ${trouble.split("\n")[0] ?? ""}`);
}

describe("a Linux i386 program that knows nothing of Mercury", () => {
  test.for(["--mode native", "--mode virtual", "--mode always-on", "--shuffle 11"])("runs with %s", async (how, context) => {
    requireProgram(context);
    const options = ["run", "--icount", "--timeout", "300", ...how.split(" "), "--rootfs", join(folder, "root.cpio")];
    const { code, stdout, stderr } = await mercury([...options, "--", "/linux", "first", "last"]);
    expect({ code, stdout, stderr }).toEqual({ code: 42, stdout: expected, stderr: "" });
  });
});
