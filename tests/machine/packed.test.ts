import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { possible } from "@mercury/vitest/possible";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { installPacked, NoRegistry, runIn, typeChecker } from "./installed.ts";

let folder = "";
let installed = true;

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "mercury-packed-")));
  try {
    installPacked(["./packages/*", "./apps/cli", "./examples/own-{cpu,guest,strategy}"], folder);
  } catch (error) {
    if (!(error instanceof NoRegistry)) throw error;
    installed = possible("packed packages", `no way to a package registry: ${error.message}`);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach((context) => {
  context.skip(!installed);
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
    const { code, stdout } = mercury(["boot", "--timeout", "1200"], cache, "echo $((6 * 7))\npoweroff\n");
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
    const { code, stdout, stderr } = mercury(["boot", "--guest", "@acme/own-guest", "--timeout", "1200"], cache);
    expect(code, stderr).toBe(0);
    expect(stdout.match(/ring \d/g)).toEqual(["ring 0", "ring 1", "ring 0"]);
    expect(readdirSync(join(cache, "mercury")).some((name) => name.endsWith(".bin"))).toBe(true);
  });
});

/** Every package that is published, by its folder in the README's table. */
const published = ["abi", "cli", "guest-os", "isa", "machine", "switch", "toolchain", "vmm", "vo", "x86"] as const;

/** The first example of a README, and what it says that the example prints; null when it says nothing. */
function exampleOf(name: string): { readonly language: string; readonly text: string; readonly prints: string | null } {
  const readme = readFileSync(join(folder, "node_modules", "@mercury", name, "README.md"), "utf8");
  const [, language = "", text = "", prints] = /^```([jt]s|sh)\n(.*?)^```\n(?:\n```text\n(.*?)^```)?/ms.exec(readme) ?? [];
  return { language, text, prints: prints ?? null };
}

describe("the example of the README runs", () => {
  test("of every package that was packed", () => {
    expect(readdirSync(join(folder, "node_modules", "@mercury")).toSorted()).toEqual(published);
  });

  test.each(published)("of @mercury/%s", (name) => {
    const { language, text, prints } = exampleOf(name);
    expect(text).not.toBe("");
    mkdirSync(join(folder, "examples"), { recursive: true });
    const file = join("examples", `${name}.${language === "sh" ? "sh" : "js"}`);
    writeFileSync(join(folder, file), text);
    const { code, stdout, stderr } = runIn(folder, [language === "sh" ? "sh" : process.execPath, file], "", {
      XDG_CACHE_HOME: join(folder, "untouched"),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    if (prints !== null) expect(stdout).toBe(prints);
  });
});

describe("layers of one's own", () => {
  /** A copy of an installed example under another name, as somebody starts who replaces a layer. */
  function copyAs(name: string, original: string): string {
    const root = join(folder, name);
    cpSync(join(folder, "node_modules", original), root, { recursive: true });
    const manifest = join(root, "package.json");
    writeFileSync(manifest, readFileSync(manifest, "utf8").replaceAll(original, name));
    const descriptor = join(root, "dist", "src", "index.js");
    writeFileSync(
      descriptor,
      readFileSync(descriptor, "utf8").replaceAll(original, name).replaceAll("own-strategy/metal", `${name}/metal`),
    );
    return root;
  }

  test("metal code compiles here by metalc, and is refused with file and line", () => {
    const root = copyAs("checked-switch", "@acme/own-strategy");
    const check = (): ReturnType<typeof runIn> => runIn(folder, ["npx", "--no", "metalc", "check", root, "checked-switch/metal/request"]);
    expect(check()).toMatchObject({ code: 0 });
    const file = join(root, "metal", "names.ts");
    writeFileSync(file, `${readFileSync(file, "utf8")}export function broken(): u32 { throw new Error("no"); }\n`);
    const { code, stdout, stderr } = check();
    expect(code).not.toBe(0);
    expect(`${stdout}${stderr}`).toMatch(/names\.ts:\d+: throw: metal code has no exceptions/);
  });

  test("the type checker takes its metal with the installed settings, and says which function of the contract it lacks", () => {
    const root = copyAs("typed-switch", "@acme/own-strategy");
    const types = ["@mercury/toolchain/std", ...["vo", "vmm", "switch"].map((name) => `@mercury/abi/names/${name}`)];
    const settings = { extends: "@mercury/toolchain/tsconfig.metal.json", compilerOptions: { types }, include: ["."] };
    writeFileSync(join(root, "metal", "tsconfig.json"), JSON.stringify(settings));
    const check = (): ReturnType<typeof runIn> => runIn(folder, [process.execPath, typeChecker, "-p", join(root, "metal")]);
    expect(check()).toEqual({ code: 0, stdout: "", stderr: "" });
    const file = join(root, "metal", "request.ts");
    writeFileSync(file, readFileSync(file, "utf8").replace("strategyCount, strategyName", "strategyCount"));
    const { code, stdout } = check();
    expect(code).not.toBe(0);
    expect(stdout).toMatch(/fits\.ts.*strategyName/);
  });

  test("a machine's file names switch, strategy and processor of one's own, and the kernel shows them", () => {
    const description = `
      import { timingModel } from "@acme/own-cpu";
      import { ownStrategy } from "@acme/own-strategy";
      import type { MachineDefinition } from "@mercury/machine";
      import { interpreter } from "@mercury/x86";

      const costs = { exception: 0, interrupt: 0, portRead: 20_000, portWrite: 0, deviceRead: 0, deviceWrite: 0 };
      export default { switch: ownStrategy, strategy: "bounded", cpu: timingModel(interpreter, costs).cpu, memory: 64 } satisfies MachineDefinition;
    `;
    writeFileSync(join(folder, "mercury.config.ts"), description);
    const script = "echo virtual > /proc/mercury/mode; grep strategy /proc/mercury/last; grep step.check /proc/mercury/last";
    const { code, stdout, stderr } = mercury(
      ["run", "--icount", "--config", "mercury.config.ts", "--", "sh", "-c", script],
      join(folder, "cache"),
    );
    expect(code, stderr).toBe(0);
    const [, ticks = ""] = /^strategy: bounded\nstep\.check: (\d+)\n$/.exec(stdout) ?? [];
    // Both interrupt controllers are asked what is in service.
    expect(Number(ticks)).toBeGreaterThan(40_000);
    const layers = mercury(["layers", "--config", "mercury.config.ts"], join(folder, "cache"));
    expect(layers.stdout).toMatch(/^switch +own-strategy +@acme\/own-strategy .*strategies running, bounded\*$/m);
    expect(layers.stdout).toMatch(/^cpu +own-cpu\(/m);
  });

  test("--switch takes a strategy of a package, and says which there are", () => {
    const cache = join(folder, "cache");
    const run = (name: string): ReturnType<typeof runIn> =>
      mercury(
        ["run", "--icount", "--switch", name, "--", "sh", "-c", "echo virtual > /proc/mercury/mode; grep strategy /proc/mercury/last"],
        cache,
      );
    expect(run("@acme/own-strategy:running").stdout).toBe("strategy: running\n");
    expect(run("@acme/own-strategy:lazy")).toMatchObject({
      code: 2,
      stderr: 'mercury: The switch "own-strategy" has no strategy "lazy"; it has running, bounded.\n',
    });
  });
});
