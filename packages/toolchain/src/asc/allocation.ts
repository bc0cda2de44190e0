import { UnsupportedError, readBody } from "../wasm/body.ts";
import type { WasmModule } from "../wasm/module.ts";
import { readModule } from "../wasm/read.ts";
import type { Statement } from "../wasm/tree.ts";

/** asc's stub runtime: whoever calls one of these allocates a managed object. */
const allocators: ReadonlySet<string> = new Set([
  "~lib/rt/stub/__new",
  "~lib/rt/stub/__renew",
  "~lib/rt/stub/__alloc",
  "~lib/rt/stub/__realloc",
]);

/** Whether an unoptimised module holds the allocator at all. */
export function allocates(hasFunction: (name: string) => boolean): boolean {
  return [...allocators].some(hasFunction);
}

/**
 * Byte offsets of the calls that allocate, directly or through functions of asc's library. `isOfPackage` tells, by name, the functions that metal
 * code has from those of that library.
 */
export function allocationCalls(wasm: Uint8Array, isOfPackage: (name: string) => boolean): readonly number[] {
  const module = readModule(wasm);
  const bodies = module.bodies.map((_, position) => {
    const index = module.imports.length + position;
    const name = module.functionNames.get(index) ?? "";
    return { index, name, behind: isBehindCaller(name, isOfPackage), calls: callsOf(module, index, name) };
  });
  const allocating = new Set(bodies.filter(({ name }) => allocators.has(name)).map(({ index }) => index));
  for (let grown = true; grown;) {
    grown = false;
    for (const { index, behind, calls } of bodies) {
      if (!behind || allocating.has(index) || !calls.some(({ callee }) => allocating.has(callee))) continue;
      allocating.add(index);
      grown = true;
    }
  }
  return bodies
    .filter(({ behind }) => !behind)
    .flatMap(({ calls }) => calls.filter(({ callee }) => allocating.has(callee)).map(({ at }) => at));
}

/** Functions that the metal code's author did not write as such: asc's library, and constructors, whose caller says `new`. */
function isBehindCaller(name: string, isOfPackage: (name: string) => boolean): boolean {
  return (name.startsWith("~lib/") && !isOfPackage(name)) || name.endsWith("#constructor");
}

interface Call {
  readonly at: number;
  readonly callee: number;
}

/** None in a function that the back end would refuse: asc's allocator itself, which grows memory, and code with floats. */
function callsOf(module: WasmModule, index: number, name: string): Call[] {
  try {
    return callsIn(readBody(module, index, name).body);
  } catch (error) {
    if (error instanceof UnsupportedError) return [];
    throw error;
  }
}

function callsIn(statements: readonly Statement[]): Call[] {
  return statements.flatMap((statement): Call[] => {
    if (statement.kind === "call" && statement.target.kind === "function") return [{ at: statement.at, callee: statement.target.index }];
    if (statement.kind === "block" || statement.kind === "loop") return callsIn(statement.body);
    if (statement.kind === "if") return [...callsIn(statement.whenTrue), ...callsIn(statement.whenFalse)];
    return [];
  });
}
