import type { CodeFunction, CodeObject, DataSegment, GlobalCell } from "../object.ts";
import { readBody } from "../wasm/body.ts";
import type { WasmModule } from "../wasm/module.ts";
import { typeOfFunction } from "../wasm/module.ts";
import { readModule } from "../wasm/read.ts";
import type { Callee, HelperName, ModuleView } from "./context.ts";
import { dropDead } from "./dead.ts";
import { emitFunction } from "./emit.ts";
import { finish } from "./finish.ts";
import type { ImportResolver } from "./lowering.ts";
import type { MirFunction } from "./mir.ts";
import { checkAllocation } from "./model.ts";
import { namesOf, type Names } from "./names.ts";
import { allocate, type Homes } from "./registers.ts";
import { helperFunction } from "./runtime.ts";
import { select } from "./select.ts";

export type { Homes } from "./registers.ts";
export type { Argument, ImportLowering, ImportResolver, InlineEmitter, RawCode, Result } from "./lowering.ts";
export { UnsupportedError } from "../wasm/unsupported.ts";
export { WasmError } from "../wasm/module.ts";
export { AllocationError } from "./model.ts";

export interface CompileOptions {
  /** What each import becomes. */
  readonly lowerImport: ImportResolver;
  /** Callee-saved registers that may hold values: 4 unless given. Fewer make worse code; the fuzzer uses them to reach spilling. */
  readonly homes?: Homes;
}

/** The module imports something that no lowering knows. */
export class UnknownImportError extends Error {
  constructor(module: string, name: string) {
    super(`import ${module}.${name} is not known: neither an instruction, a site, a symbol nor a stub`);
    this.name = "UnknownImportError";
  }
}

export const tableSymbol = "function table";

/**
 * Compiles a wasm module to IA-32 code objects.
 * @throws WasmError, UnsupportedError (with the function's name), UnknownImportError; AllocationError is a bug of the back end
 */
export function compileModule(wasm: Uint8Array, options: CompileOptions): CodeObject {
  const module = readModule(wasm);
  const names = namesOf(module);
  const helpers = new Map<HelperName, string>();
  const view = viewOf(module, names, options.lowerImport, helpers);
  const homes = options.homes ?? 4;
  const functions = module.bodies.map((_, index) => {
    const at = module.imports.length + index;
    const { name, aliases } = names.functions[at] ?? { name: `function#${at}`, aliases: [] };
    return compileFunction(select(readBody(module, at, name), view), homes, aliases);
  });
  const runtime = [...helpers].map(([helper, symbol]) => compileFunction(helperFunction(helper, symbol), homes, []));
  return {
    functions: [...functions, ...runtime],
    data: module.data.map((segment): DataSegment => ({ address: segment.address, bytes: segment.bytes })),
    globals: module.globals.map((global, index): GlobalCell => ({
      name: names.globals[index] ?? "",
      size: global.type === "i64" ? 8 : 4,
      initial: global.initial,
    })),
    table: tableOf(module, names, view),
    tableSymbol,
    staticEnd: staticEndOf(module),
    start: module.start === null ? null : (names.functions[module.start]?.name ?? null),
  };
}

/** The passes over one function, in order. */
export function compileFunction(mir: MirFunction, homes: Homes, aliases: readonly string[]): CodeFunction {
  dropDead(mir);
  allocate(mir, homes);
  checkAllocation(mir);
  finish(mir);
  return emitFunction(mir, aliases);
}

function viewOf(module: WasmModule, names: Names, resolve: ImportResolver, helpers: Map<HelperName, string>): ModuleView {
  const imported = module.imports.map(({ module: from, name }, index): Callee => {
    const type = typeOfFunction(module, index);
    const lowering = resolve(from, name, type);
    if (!lowering) throw new UnknownImportError(from, name);
    return { type, lowering };
  });
  const defined = module.bodies.map((_, index): Callee => {
    const at = module.imports.length + index;
    return { type: typeOfFunction(module, at), lowering: { kind: "call", symbol: names.functions[at]?.name ?? "" } };
  });
  return {
    functions: [...imported, ...defined],
    types: module.types,
    globalSymbols: names.globals,
    tableSymbol,
    helper: (name) => {
      const symbol = `runtime.${name}`;
      helpers.set(name, symbol);
      return symbol;
    },
  };
}

function tableOf(module: WasmModule, names: Names, view: ModuleView): (string | null)[] {
  const table: (string | null)[] = Array.from({ length: module.tableSize }, () => null);
  for (const { offset, functions } of module.elements) {
    functions.forEach((index, position) => {
      if (index !== null) table[offset + position] = symbolOf(index, names, view);
    });
  }
  return table;
}

/** A function reference needs an address, which an inlined import does not have. */
function symbolOf(index: number, names: Names, view: ModuleView): string {
  const lowering = view.functions[index]?.lowering;
  if (lowering?.kind === "call") return lowering.symbol;
  throw new Error(`${names.functions[index]?.name ?? `function ${index}`} is an import without an address and cannot be referenced`);
}

/** `__heap_base` when the module exports it, else the end of the last data segment. */
function staticEndOf(module: WasmModule): number {
  const exported = module.exports.find(({ name, kind }) => kind === "global" && name === "__heap_base");
  const global = exported ? module.globals[exported.index] : undefined;
  if (global) return Number(global.initial);
  return module.data.reduce((end, segment) => Math.max(end, segment.address + segment.bytes.length), 0);
}
