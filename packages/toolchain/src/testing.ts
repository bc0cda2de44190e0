/** For tests of metal code: compiles one metal module as WebAssembly and runs it in Node, with the machine mocked. */
import { fileURLToPath } from "node:url";
import { type MercuryName, metalContracts } from "@mercury/abi";
import { compileMetal } from "./asc/compile.ts";
import type { MetalBinding } from "./asc/resolve.ts";
import { readModule } from "./wasm/read.ts";

/** Functions by import module and name: `x86`, `mercury:vo`, `sym`, `asm` and so on. u64 values are bigint. */
export type MetalMocks = Readonly<Record<string, Readonly<Record<string, (...parameters: never[]) => unknown>>>>;

/** Exports of the module under test. Pointers count from the start of `memory`. */
export type MetalExports = Readonly<Record<string, (...parameters: (number | bigint)[]) => unknown>> & {
  readonly memory: { readonly buffer: ArrayBuffer };
};

/** The part of the host's WebAssembly that is used: Node's types know none without those of the browser. */
interface WebAssemblyHost {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

export interface MetalTestOptions {
  /** Packages that answer `mercury:` names instead of mocks: `{ "mercury:vmm": "@mercury/vmm/metal" }`. */
  readonly bind?: Readonly<Partial<Record<MercuryName, string>>>;
  /** Root folders of further packages that `root` cannot find by itself. */
  readonly roots?: readonly URL[];
  /** Pages of linear memory, 64 KB each; 16 unless given. */
  readonly pages?: number;
}

/**
 * Compiles the module `specifier` (`@mercury/switch/metal`) of the package at `root` and instantiates it.
 * A module is compiled once in a process. An import that is not mocked throws when it is called, naming itself.
 */
export async function metal(specifier: string, root: URL, mocks: MetalMocks, options: MetalTestOptions = {}): Promise<MetalExports> {
  const wasm = await compiled(specifier, root, options);
  // Every host of this package has it.
  const { Module, Instance } = (globalThis as unknown as { readonly WebAssembly: WebAssemblyHost }).WebAssembly;
  const instance = new Instance(new Module(wasm), importsOf(wasm, mocks));
  // The module's own exports are known only to the test that calls them.
  return instance.exports as MetalExports;
}

/** Modules that this process has compiled: tests take a fresh instance each, and compiling is what takes the time. */
const modules = new Map<string, Promise<Uint8Array>>();

function compiled(specifier: string, root: URL, { bind = {}, pages = 16, roots = [] }: MetalTestOptions): Promise<Uint8Array> {
  const folders = [root, ...roots].map((folder) => fileURLToPath(folder));
  const key = JSON.stringify([specifier, folders, bind, pages]);
  const known = modules.get(key);
  if (known !== undefined) return known;
  const options = {
    roots: folders,
    entries: [specifier],
    bindings: bindingsFor(bind),
    memoryBase: 0,
    optimise: 1,
    initialMemory: pages,
  } as const;
  const wasm = compileMetal(options).then((module) => module.wasm);
  modules.set(key, wasm);
  return wasm;
}

function bindingsFor(bind: Readonly<Partial<Record<MercuryName, string>>>): Record<MercuryName, MetalBinding> {
  const bindings = Object.keys(metalContracts).map((name): [string, MetalBinding] => {
    const specifier = bind[name as MercuryName]; // the keys of metalContracts are the names
    return [name, specifier === undefined ? { kind: "import" } : { kind: "package", specifier }];
  });
  return Object.fromEntries(bindings) as Record<MercuryName, MetalBinding>; // one entry for each name
}

function importsOf(wasm: Uint8Array, mocks: MetalMocks): Record<string, Record<string, (...parameters: never[]) => unknown>> {
  const imports: Record<string, Record<string, (...parameters: never[]) => unknown>> = {};
  for (const { module, name } of readModule(wasm).imports) {
    const missing = (): never => {
      throw new Error(`the metal module calls ${module}.${name}, which the test does not mock`);
    };
    const functions = (imports[module] ??= {});
    functions[name] = mocks[module]?.[name] ?? missing;
  }
  return imports;
}
