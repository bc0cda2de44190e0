import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeCpio } from "@mercury/guest-os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mercury } from "./mercury.ts";
import { compile32, requireProgram } from "./tools.ts";

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
/** What the host's compiler said; null: the program is there. */
let trouble: string | null = null;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mercury-"));
  const program = join(folder, "linux");
  trouble = compile32(source, program, "-static", "-O1");
  if (trouble !== null) return;
  const entry = { path: "linux", mode: 0o100755, contents: readFileSync(program), inode: 0, links: 1 };
  writeFileSync(join(folder, "root.cpio"), writeCpio([entry]));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a Linux i386 program that knows nothing of Mercury", () => {
  test.for(["--mode native", "--mode virtual", "--mode always-on", "--shuffle 11"])("runs with %s", async (how, context) => {
    requireProgram(context, trouble);
    const options = ["run", "--icount", "--timeout", "1200", ...how.split(" "), "--rootfs", join(folder, "root.cpio")];
    const { code, stdout, stderr } = await mercury([...options, "--", "/linux", "first", "last"]);
    expect({ code, stdout, stderr }).toEqual({ code: 42, stdout: expected, stderr: "" });
  });
});
