import type { WasmModule } from "../wasm/module.ts";

export interface FunctionName {
  readonly name: string;
  readonly aliases: readonly string[];
}

export interface Names {
  /** By function index, imports included. */
  readonly functions: readonly FunctionName[];
  readonly globals: readonly string[];
}

/** Symbols: a function's first export name, else its debug name, else its number; made unique by the number. */
export function namesOf(module: WasmModule): Names {
  const exported = new Map<number, string[]>();
  for (const { kind, name, index } of module.exports) {
    if (kind === "function") exported.set(index, [...(exported.get(index) ?? []), name]);
  }
  const taken = new Set([...exported.values()].flat());
  const count = module.imports.length + module.bodies.length;
  const functions = Array.from({ length: count }, (_, index): FunctionName => {
    const [first, ...aliases] = exported.get(index) ?? [];
    return first === undefined
      ? { name: unique(taken, module.functionNames.get(index) ?? "function", index), aliases: [] }
      : { name: first, aliases };
  });
  const globals = module.globals.map((_, index) => unique(taken, `global ${module.globalNames.get(index) ?? ""}`, index));
  return { functions, globals };
}

function unique(taken: Set<string>, wanted: string, index: number): string {
  const name = taken.has(wanted) || wanted === "function" ? `${wanted}#${index}` : wanted;
  taken.add(name);
  return name;
}
