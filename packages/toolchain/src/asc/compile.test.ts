import { afterEach, describe, expect, test } from "vitest";
import { readModule } from "../wasm/read.ts";
import { type ScratchPackage, scratchPackage } from "../testing/scratch.ts";
import { type MetalCompileOptions, type MetalModule, compileMetal } from "./compile.ts";
import { MetalBuildError, type MetalDiagnostic } from "./errors.ts";

const made: ScratchPackage[] = [];
afterEach(() => made.splice(0).forEach((scratch) => scratch.remove()));

function scratch(name: string, files: Record<string, string>): ScratchPackage {
  const scratched = scratchPackage(name, files);
  made.push(scratched);
  return scratched;
}

async function compile(text: string, options: Partial<MetalCompileOptions> = {}): Promise<MetalModule> {
  const { root } = scratch("@acme/metal", { "metal/index.ts": text });
  return compileMetal({ roots: [root], entries: ["@acme/metal/metal"], bindings: {}, memoryBase: 0xb020_1000, optimise: 1, ...options });
}

/** The diagnostics that compiling gives, files without their folder. */
async function refusal(text: string, options: Partial<MetalCompileOptions> = {}): Promise<MetalDiagnostic[]> {
  try {
    await compile(text, options);
  } catch (error) {
    if (!(error instanceof MetalBuildError)) throw error;
    return error.diagnostics.map((diagnostic) => ({ ...diagnostic, file: diagnostic.file?.split("/").slice(-2).join("/") ?? null }));
  }
  throw new Error("it compiled");
}

describe("compileMetal", () => {
  test("puts static data at the base and knows its end, zeroed memory included", async () => {
    const { wasm, staticEnd } = await compile(`
      const text = memory.data<u8>([1, 2, 3]);
      const zeros = memory.data(1000);
      export function sum(): u32 { return load<u8>(text) + load<u8>(zeros, 999); }`);
    const { data, exports } = readModule(wasm);
    expect(data.map(({ address }) => address >>> 0)).toEqual([0xb020_1000]);
    expect(staticEnd).toBeGreaterThanOrEqual(0xb020_1000 + 3 + 1000);
    expect(staticEnd).toBeLessThan(0xb020_1000 + 1100);
    expect(exports.map(({ name }) => name)).toEqual(["sum", "memory"]);
  });

  test("maps every instruction to the real file and line", async () => {
    const module = await compile(
      "export function one(): u32 {\n  return 1;\n}\nexport function load4(p: usize): u32 {\n  return load<u32>(p);\n}\n",
    );
    const { bodies } = readModule(module.wasm);
    const lines = bodies.map(({ start }) => module.locate(start));
    expect(lines.map((line) => line?.line)).toEqual([2, 5]);
    expect(lines[0]?.file).toBe(made[0]?.path("metal/index.ts"));
    expect(module.files).toEqual([made[0]?.path("metal/index.ts")]);
  });

  test("gives no function a line of the function before it", async () => {
    // At -O0 a comparison's branch has no mapping of its own.
    const module = await compile(
      "export function one(): u32 {\n  return 1;\n}\nexport function wait(p: usize): void {\n  while (load<u32>(p) != 0) {}\n}\n",
      { optimise: 0 },
    );
    const { bodies, imports, exports } = readModule(module.wasm);
    const wait = bodies[(exports.find(({ name }) => name === "wait")?.index ?? 0) - imports.length];
    expect(wait).toBeDefined();
    for (let offset = wait?.start ?? 0; offset < (wait?.end ?? 0); offset++) {
      expect(module.locate(offset)?.line ?? 5).toBeGreaterThanOrEqual(4);
    }
  });

  test("gives compile errors their real file and line", async () => {
    expect(await refusal("\nexport function f(): u32 {\n  return unknownName;\n}")).toEqual([
      { file: "metal/index.ts", line: 3, message: "AS2304: Cannot find name 'unknownName'." },
    ]);
  });

  test("refuses an override in an unmanaged class, which would have no dispatch", async () => {
    const text = `
      @unmanaged class Base { read(): u32 { return 1; } }
      @unmanaged class Derived extends Base {
        read(): u32 { return 2; }
      }
      export function f(p: usize): u32 { return changetype<Derived>(p).read(); }`;
    expect(await refusal(text)).toMatchObject([
      { file: "metal/index.ts", line: 4, message: expect.stringContaining("Derived.read overrides Base.read") },
    ]);
  });

  test.each([
    ["new of a managed class", "class Pair { a: u32 = 1; }\nexport function f(): u32 {\n  return new Pair().a;\n}", 3],
    ["an array", "export function f(): i32 {\n  const list: u32[] = [];\n  return list.push(1);\n}", 2],
    ["string concatenation", "export function f(a: i32): i32 {\n  return ('a' + a.toString()).length;\n}", 2],
  ])("refuses managed allocation by %s", async (_, text, line) => {
    const diagnostics = await refusal(text);
    expect(diagnostics[0]).toMatchObject({ file: "metal/index.ts", line, message: expect.stringContaining("managed") });
  });

  test("allows static data of managed types", async () => {
    await expect(
      compile("const table: StaticArray<u32> = [1, 2, 3];\nexport function f(i: i32): u32 { return unchecked(table[i]); }"),
    ).resolves.toBeDefined();
  });

  test("refuses a closure and says where", async () => {
    const diagnostics = await refusal("export function f(a: u32): u32 {\n  const g = (): u32 => a;\n  return g();\n}");
    expect(diagnostics[0]).toMatchObject({ file: "metal/index.ts", line: 2 });
  });

  test("refuses throw, but not in comments, strings or names", async () => {
    expect(
      await refusal("// throw\nexport function f(a: u32): u32 {\n  if (a == 0) throw new Error('throw');\n  return a;\n}"),
    ).toMatchObject([{ file: "metal/index.ts", line: 3 }]);
    await expect(compile("export function throwAway(a: u32): u32 { return a; } // throw")).resolves.toBeDefined();
  });

  test("reports a broken byte string in its line", async () => {
    const diagnostics = await refusal(
      "import { cstr } from '@mercury/toolchain/metal';\nexport function f(): usize { return cstr`${1}`; }",
    );
    expect(diagnostics[0]).toMatchObject({ file: "metal/index.ts", line: 2, message: expect.stringContaining("constant") });
  });
});

describe("mercury: names", () => {
  const caller = "import { disableInterrupts } from 'mercury:vo';\nexport function f(): void { disableInterrupts(); }";

  test("are imports where the image has sites", async () => {
    const { wasm } = await compile(caller, { bindings: { "mercury:vo": { kind: "import" } } });
    expect(readModule(wasm).imports).toMatchObject([{ module: "mercury:vo", name: "disableInterrupts" }]);
  });

  test("are refused where nothing is bound", async () => {
    expect(await refusal(caller)).toEqual([
      { file: null, line: 0, message: "mercury:vo is imported, but nothing is bound to it in this image" },
    ]);
  });

  test("bound to a package mean that package's one copy", async () => {
    const provider = scratch("@acme/switch", {
      "metal/index.ts":
        "export let calls: u32 = 0;\nexport function requestSwitch(target: u32): i32 { calls += target; return <i32>calls; }",
    });
    const user = scratch("@acme/user", {
      "metal/index.ts":
        "import { requestSwitch } from 'mercury:switch';\nexport function go(t: u32): i32 { return requestSwitch(t); }\nexport { calls } from '@acme/switch/metal';",
    });
    const { wasm } = await compileMetal({
      roots: [user.root, provider.root],
      entries: ["@acme/user/metal"],
      memoryBase: 0,
      optimise: 1,
      bindings: { "mercury:switch": { kind: "package", specifier: "@acme/switch/metal" } },
    });
    expect(readModule(wasm).globals.length).toBe(1);
  });

  test("hide what is not in the contract", async () => {
    const provider = scratch("@acme/switch", {
      "metal/index.ts": "export function requestSwitch(t: u32): i32 { return 0; }\nexport function secret(): void {}",
    });
    const diagnostics = await refusal("import { secret } from 'mercury:switch';\nexport function f(): void { secret(); }", {
      roots: [
        provider.root,
        scratch("@acme/metal", { "metal/index.ts": "import { secret } from 'mercury:switch';\nexport function f(): void { secret(); }" })
          .root,
      ],
      bindings: { "mercury:switch": { kind: "package", specifier: "@acme/switch/metal" } },
    });
    expect(diagnostics[0]?.message).toContain("secret");
  });

  test("of one package at two places are refused", async () => {
    const one = scratch("@acme/metal", { "metal/index.ts": "export function f(): void {}" });
    await expect(
      compile("export function f(): void {}", { roots: [one.root, scratch("@acme/metal", { "metal/index.ts": "" }).root] }),
    ).rejects.toThrow("more than once");
  });
});
