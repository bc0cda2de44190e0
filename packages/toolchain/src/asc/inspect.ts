import { allocates, allocationCalls } from "./allocation.ts";
import type { MetalDiagnostic } from "./errors.ts";
import { type AscProgram, unmanagedOverrides } from "./lint.ts";
import { type MetalResolver, heapBaseExport } from "./resolve.ts";
import { type InterruptRule, sharedVariables } from "./shared.ts";
import { WasmSourceMap } from "./source-map.ts";

/** What was found out while asc compiled. */
export interface Inspection {
  /** For asc's `transforms`. */
  readonly transform: object;
  /** Rules that the program breaks. */
  readonly diagnostics: readonly MetalDiagnostic[];
  /** End of static data, zeroed memory included. */
  readonly staticEnd: () => number;
}

/** Looks at the program between asc's phases: rules that only the typed syntax tree shows, and where static data ends. */
export function inspector(resolver: MetalResolver, interrupts: InterruptRule | undefined): Inspection {
  const diagnostics: MetalDiagnostic[] = [];
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
      if (interrupts !== undefined) diagnostics.push(...unsharedVariables(module, resolver, interrupts));
    }
  }
  return { transform: Inspector, diagnostics, staticEnd: () => end };
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
  return allocationCalls(binary, (name) => resolver.declares(name)).map((offset) => ({ ...placeOf(offset), message }));
}

function unsharedVariables(module: BinaryenModule, resolver: MetalResolver, rule: InterruptRule): MetalDiagnostic[] {
  const { binary, placeOf } = emitted(module, resolver);
  return sharedVariables(binary, rule).map(({ variable, at, write }) => {
    const use = write ? "written here" : "read here";
    const message = `"${variable}" is ${use} with interrupts on and used by an interrupt handler: make it Shared<T>, or turn interrupts off around`;
    return { ...placeOf(at), message };
  });
}

const emittedFile = "unoptimised.wasm";

/** The module as it is now, and where its instructions come from. */
function emitted(
  module: BinaryenModule,
  resolver: MetalResolver,
): { binary: Uint8Array; placeOf: (offset: number) => Pick<MetalDiagnostic, "file" | "line"> } {
  const { binary, sourceMap } = module.emitBinary(`${emittedFile}.map`);
  const map = new WasmSourceMap(sourceMap);
  const placeOf = (offset: number): Pick<MetalDiagnostic, "file" | "line"> => {
    const place = map.locateNear(offset);
    return { file: place === null ? null : resolver.realFile(place.source), line: place?.line ?? 0 };
  };
  return { binary, placeOf };
}
