import { main } from "assemblyscript/asc";
import type { AscDiagnostic } from "assemblyscript/asc";
import { lastAtMost } from "../search.ts";
import { readModule } from "../wasm/read.ts";
import type { SourceLine } from "../link/spec.ts";
import { MetalBuildError, type MetalDiagnostic } from "./errors.ts";
import { inspector } from "./inspect.ts";
import { MetalResolver, type ResolverOptions, entryModule } from "./resolve.ts";
import type { InterruptRule } from "./shared.ts";
import { WasmSourceMap } from "./source-map.ts";

/** What is compiled, and how. */
export interface MetalCompileOptions extends ResolverOptions {
  /** Linear address of the static data, below 0xFFFF0000; 0 lets asc choose (tests). */
  readonly memoryBase: number;
  /** Binaryen's optimisation level: 1 for development, 3 for release. */
  readonly optimise: 0 | 1 | 2 | 3;
  /** First slot of the function table that is used; slots below trap. */
  readonly tableBase?: number;
  /** Where interrupts come in: variables that handlers and interruptible code both use must then be `Shared<T>`. Left out: not checked. */
  readonly interrupts?: InterruptRule;
  /** Pages of linear memory for a module that is to be run (tests). */
  readonly initialMemory?: number;
}

/** A compiled module and where its code came from. */
export interface MetalModule {
  readonly wasm: Uint8Array;
  /** End of static data, zeroed memory included. */
  readonly staticEnd: number;
  /** The real file and line of the instruction at a byte offset of the module. */
  readonly locate: (wasmOffset: number) => SourceLine | null;
  /** Real paths of all source files that the compiler read. */
  readonly files: readonly string[];
}

/** Compiles metal modules into one wasm module. Throws a {@link MetalBuildError} with every error, each with its real file and line. */
export async function compileMetal(options: MetalCompileOptions): Promise<MetalModule> {
  const resolver = new MetalResolver(options);
  const diagnostics: MetalDiagnostic[] = [];
  const outputs = new Map<string, string | Uint8Array>();
  const inspection = inspector(resolver, options.interrupts);
  const text: string[] = [];
  const sink = { write: (part: string | Uint8Array): void => void text.push(String(part)) };
  const { error } = await main(commandLine(options), {
    stdout: sink,
    stderr: sink,
    readFile: (name) => resolver.read(name),
    writeFile: (name, contents) => void outputs.set(name, contents),
    listFiles: () => [],
    reportDiagnostic: (diagnostic) => {
      if (diagnostic.category === errorCategory) diagnostics.push(translate(diagnostic, resolver));
    },
    transforms: [inspection.transform],
  });
  if (error instanceof MetalBuildError) throw error;
  const refused = [...diagnostics, ...inspection.diagnostics];
  if (refused.length > 0) throw new MetalBuildError(refused);
  if (error !== null) throw new MetalBuildError([{ file: null, line: 0, message: `asc: ${error.message}` }]);
  return finish(options, resolver, outputs, inspection.staticEnd());
}

/** asc's DiagnosticCategory.Error. */
const errorCategory = 3;
const wasmFile = "image.wasm";

function commandLine({ memoryBase, optimise, tableBase = 1, initialMemory }: MetalCompileOptions): string[] {
  // Numbers in decimal: asc ignores hexadecimal ones without a word.
  return [
    entryModule,
    "--outFile",
    wasmFile,
    "--sourceMap",
    "--debug",
    "--runtime",
    "stub",
    "--use",
    "abort=",
    "--optimizeLevel",
    String(optimise),
    "--shrinkLevel",
    "0",
    "--tableBase",
    String(tableBase),
    "--noColors",
    ...(memoryBase === 0 ? [] : ["--memoryBase", String(memoryBase)]),
    ...(initialMemory === undefined ? [] : ["--initialMemory", String(initialMemory)]),
  ];
}

function translate({ message, code, range }: AscDiagnostic, resolver: MetalResolver): MetalDiagnostic {
  if (range === null || range.source === null) return { file: null, line: 0, message: `AS${code}: ${message}` };
  const name = range.source.normalizedPath;
  return { file: resolver.realFile(name), line: resolver.lineAt(name, range.start), message: `AS${code}: ${message}` };
}

function finish(
  options: MetalCompileOptions,
  resolver: MetalResolver,
  outputs: ReadonlyMap<string, string | Uint8Array>,
  staticEnd: number,
): MetalModule {
  const wasm = outputs.get(wasmFile);
  const map = outputs.get(`${wasmFile}.map`);
  if (!(wasm instanceof Uint8Array) || typeof map !== "string")
    throw new MetalBuildError([{ file: null, line: 0, message: "asc wrote no module" }]);
  checkMemoryBase(wasm, options.memoryBase, staticEnd);
  return { wasm, staticEnd, locate: locator(wasm, new WasmSourceMap(map), resolver), files: resolver.realFiles() };
}

/** Mappings have no end: one that began in an earlier function says nothing about this one. */
function locator(wasm: Uint8Array, sourceMap: WasmSourceMap, resolver: MetalResolver): MetalModule["locate"] {
  const starts = readModule(wasm).bodies.map(({ start }) => start);
  return (wasmOffset) => {
    const mapped = sourceMap.locate(wasmOffset);
    const start = starts[lastAtMost(starts, (candidate) => candidate, wasmOffset)] ?? 0;
    return mapped === null || mapped.offset < start
      ? null
      : {
          file: resolver.realFile(mapped.source),
          module: mapped.source.replace(/^~lib\//, ""),
          line: mapped.line,
        };
  };
}

/** asc takes a base that it does not understand for none at all: what was emitted decides. */
function checkMemoryBase(wasm: Uint8Array, memoryBase: number, staticEnd: number): void {
  for (const { address } of readModule(wasm).data) {
    const start = address >>> 0;
    if (memoryBase === 0 || (start >= memoryBase && start < staticEnd)) continue;
    const message = `static data at 0x${start.toString(16)} lies outside 0x${memoryBase.toString(16)} to 0x${staticEnd.toString(16)} (memoryBase)`;
    throw new MetalBuildError([{ file: null, line: 0, message }]);
  }
}
