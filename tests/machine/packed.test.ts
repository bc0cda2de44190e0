import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { installPacked, NoRegistry, runIn } from "./installed.ts";

let folder = "";
/** Why nothing could be installed; null: it was. */
let noRegistry: NoRegistry | null = null;

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "mercury-packed-")));
  try {
    installPacked(["./packages/*", "./apps/cli", "./examples/own-guest"], folder);
  } catch (error) {
    if (!(error instanceof NoRegistry) || process.env["CI"]) throw error;
    noRegistry = error;
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach((context) => {
  if (noRegistry !== null) context.skip(`no package registry: ${noRegistry.message}`);
});

/** The command in the folder of the installed packages, with a cache folder of its own. */
function mercury(args: readonly string[], cache: string, input: string = ""): ReturnType<typeof runIn> {
  return runIn(folder, ["npx", "--no", "mercury", ...args], input, { XDG_CACHE_HOME: cache });
}

describe("installed from their tarballs, outside of the workspace", () => {
  test("nothing comes from the workspace", () => {
    for (const name of readdirSync(join(folder, "node_modules", "@mercury"))) {
      expect(realpathSync(join(folder, "node_modules", "@mercury", name)).startsWith(folder)).toBe(true);
    }
  });

  test("the system boots from the image that came along: nothing is compiled", () => {
    const cache = join(folder, "untouched");
    const { code, stdout } = mercury(["boot", "--timeout", "120"], cache, "echo $((6 * 7))\npoweroff\n");
    expect(stdout).toMatch(/^mercury: ready\r?$/m);
    expect(stdout).toMatch(/^(# )?42\r?$/m);
    expect(code).toBe(0);
    expect(existsSync(cache)).toBe(false);
  });

  test("the command lists the layers of the installed packages", () => {
    const { code, stdout } = mercury(["layers"], join(folder, "untouched"));
    for (const name of ["guest-os", "vo", "vmm", "switch"]) expect(stdout).toMatch(new RegExp(`@mercury/${name} +\\d+\\.\\d+\\.\\d+`));
    expect(code).toBe(0);
  });

  test("a machine with a layer of somebody else's is compiled here, and boots", () => {
    const cache = join(folder, "cache");
    const { code, stdout, stderr } = mercury(["boot", "--guest", "@acme/own-guest", "--timeout", "120"], cache);
    expect(code, stderr).toBe(0);
    expect(stdout.match(/ring \d/g)).toEqual(["ring 0", "ring 1", "ring 0"]);
    expect(readdirSync(join(cache, "mercury")).some((name) => name.endsWith(".bin"))).toBe(true);
  });
});

/** Packages whose README starts with a program that runs as it stands. That of the toolchain needs sources of its own, which its own test has. */
const withExample = ["abi", "guest-os", "isa", "machine", "vo", "x86"] as const;

/** The first program of a README, and what it says that the program prints; null when it says nothing. */
function exampleOf(name: string): { readonly program: string; readonly prints: string | null } {
  const text = readFileSync(join(folder, "node_modules", "@mercury", name, "README.md"), "utf8");
  const [, program = "", prints] = /^```[jt]s\n(.*?)^```\n(?:\n```text\n(.*?)^```)?/ms.exec(text) ?? [];
  return { program, prints: prints ?? null };
}

describe("the example of the README runs", () => {
  test.each(withExample)("of @mercury/%s", (name) => {
    const { program, prints } = exampleOf(name);
    expect(program).not.toBe("");
    mkdirSync(join(folder, "examples"), { recursive: true });
    writeFileSync(join(folder, "examples", `${name}.js`), program);
    const { code, stdout, stderr } = runIn(folder, [process.execPath, join("examples", `${name}.js`)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    if (prints !== null) expect(stdout).toBe(prints);
  });
});
