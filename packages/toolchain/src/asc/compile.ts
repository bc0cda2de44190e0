import { main } from "assemblyscript/asc";
import type { AscDiagnostic } from "assemblyscript/asc";
import { lastAtMost } from "../search.ts";
import { readModule } from "../wasm/read.ts";
import type { SourceLine } from "../link/spec.ts";
import { allocates, allocationCalls } from "./allocation.ts";
import { MetalBuildError, type MetalDiagnostic } from "./errors.ts";
import { type AscProgram, unmanagedOverrides } from "./lint.ts";
import { MetalResolver, type ResolverOptions, entryModule, heapBaseExport } from "./resolve.ts";
import { type InterruptRule, sharedVariables } from "./shared.ts";
import { WasmSourceMap } from "./source-map.ts";

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
  const inspect = inspector(options, resolver, diagnostics);
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
    transforms: [inspect.transform],
  });
  if (error instanceof MetalBuildError) throw error;
  if (diagnostics.length > 0) throw new MetalBuildError(diagnostics);
  if (error !== null) throw new MetalBuildError([{ file: null, line: 0, message: `asc: ${error.message}` }]);
  return finish(options, resolver, outputs, inspect.staticEnd());
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

/** Looks at the program between asc's phases: rules that only the typed syntax tree shows, and where static data ends. */
function inspector(
  options: MetalCompileOptions,
  resolver: MetalResolver,
  diagnostics: MetalDiagnostic[],
): { transform: object; staticEnd: () => number } {
  let end = 0;
  class Inspector {
    /** Set by asc before it makes the instance. */
    declare readonly binaryen: Binaryen;

    afterInitialize(program: AscProgram): void {
      for (const { name, position, message } of unmanagedOverrides(program)) {
        diagnostics.push({ file: resolver.realFile(name), line: resolver.lineAt(name, position), message });
      }
    }

    afterCompile(module: BinaryenModule): void {
      end = heapBase(this.binaryen, module);
      // Names in what is emitted for the rules; asc itself asks for them only when it optimises.
      this.binaryen.setDebugInfo(true);
      diagnostics.push(...managedAllocations(module, resolver));
      if (options.interrupts !== undefined) diagnostics.push(...unsharedVariables(module, resolver, options.interrupts));
    }
  }
  return { transform: Inspector, staticEnd: () => end };
}

/** The part of Binaryen's interface that is used here. */
interface Binaryen {
  setDebugInfo(on: boolean): void;
  getGlobalInfo(global: number): { readonly init: number };
  getExpressionInfo(expression: number): { readonly value?: number };
}

interface BinaryenModule {
  getFunction(name: string): number;
  emitBinary(sourceMapUrl: string): { readonly binary: Uint8Array; readonly sourceMap: string };
  getGlobal(name: string): number;
  removeExport(name: string): void;
}

/** asc's `__heap_base`: Binaryen trims zeros, so that segments alone would understate the end of static data. */
function heapBase(binaryen: Binaryen, module: BinaryenModule): number {
  module.removeExport(heapBaseExport);
  const global = module.getGlobal("~lib/memory/__heap_base");
  return global === 0 ? 0 : (binaryen.getExpressionInfo(binaryen.getGlobalInfo(global).init).value ?? 0) >>> 0;
}

/** Before the optimiser runs: inlined, an allocation would no longer be known for one. */
function managedAllocations(module: BinaryenModule, resolver: MetalResolver): MetalDiagnostic[] {
  if (!allocates((name) => module.getFunction(name) !== 0)) return [];
  const { binary, placeOf } = emitted(module, resolver);
  const message = "allocates a managed object: metal code has no collector (use an @unmanaged class, StaticArray or memory.data)";
  return allocationCalls(binary).map((offset) => ({ ...placeOf(offset), message }));
}

function unsharedVariables(module: BinaryenModule, resolver: MetalResolver, rule: InterruptRule): MetalDiagnostic[] {
  const { binary, placeOf } = emitted(module, resolver);
  return sharedVariables(binary, rule).map(({ variable, at, write }) => {
    const use = write ? "written here" : "read here";
    const message = `"${variable}" is ${use} with interrupts on and used by an interrupt handler: make it Shared<T>, or turn interrupts off around`;
    return { ...placeOf(at), message };
  });
}

/** The module as it is now, and where its instructions come from. */
function emitted(
  module: BinaryenModule,
  resolver: MetalResolver,
): { binary: Uint8Array; placeOf: (offset: number) => Pick<MetalDiagnostic, "file" | "line"> } {
  const { binary, sourceMap } = module.emitBinary(`${wasmFile}.map`);
  const map = new WasmSourceMap(sourceMap);
  const placeOf = (offset: number): Pick<MetalDiagnostic, "file" | "line"> => {
    const place = map.locateNear(offset);
    return { file: place === null ? null : resolver.realFile(place.source), line: place?.line ?? 0 };
  };
  return { binary, placeOf };
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
    return mapped === null || mapped.offset < start ? null : { file: resolver.realFile(mapped.source), line: mapped.line };
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
