import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeCpio } from "@mercury/guest-os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mercury } from "./mercury.ts";
import { compile32, requireProgram } from "./tools.ts";

const source = fileURLToPath(new URL("programs/files.c", import.meta.url));

let folder = "";
/** What the host's compiler said; null: the program is there. */
let trouble: string | null = null;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mercury-"));
  const program = join(folder, "files");
  // Wrong arguments are the point: no warnings about them.
  trouble = compile32(source, program, "-static", "-w", "-O1");
  if (trouble !== null) return;
  const entry = { path: "files", mode: 0o100755, contents: readFileSync(program), inode: 0, links: 1 };
  writeFileSync(join(folder, "root.cpio"), writeCpio([entry]));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The program's transcript on the host's own kernel. */
function hostTranscript(): string {
  const place = join(folder, "host");
  mkdirSync(place);
  const { status, stdout } = spawnSync(join(folder, "files"), { cwd: place, encoding: "latin1" });
  expect(status).toBe(0);
  rmSync(place, { recursive: true });
  return stdout;
}

describe("file system calls of a Linux i386 program", () => {
  test.for(["--mode native", "--mode virtual", "--shuffle 12"])("answer with %s as on the host's Linux", async (how, context) => {
    requireProgram(context, trouble);
    const options = ["run", "--icount", "--timeout", "1200", ...how.split(" "), "--rootfs", join(folder, "root.cpio")];
    const { code, stdout, stderr } = await mercury([...options, "--", "/files"]);
    expect(stdout.split("\n")).toEqual(hostTranscript().split("\n"));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});
