import type { Row } from "@mercury/isa";
import { imports, type ImportName, type Imports } from "../cpu/imports.ts";
import type { GeneratedCode } from "./engine.ts";
import { type CommonHandlers, generateFirst, generateLate, type Handler, type HandlerModule } from "./generate.ts";

/** The modules are the same for every processor, so one process generates and compiles them once. */
interface Compiled {
  readonly source: HandlerModule;
  readonly module: WebAssembly.Module;
}

const compile = (source: HandlerModule): Compiled => ({ source, module: new WebAssembly.Module(source.bytes) });

let first: Compiled | undefined;
let late: Compiled | undefined;

/** One processor's generated code: handlers of the common rows at once, those of vector instructions when they are wanted. */
export class Interpreter {
  readonly #first: Compiled;
  readonly #memory: WebAssembly.Memory;
  #late: HandlerModule | undefined;
  #env: WebAssembly.ModuleImports = {};
  #exports: WebAssembly.Exports | undefined;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#first = first ??= compile(generateFirst());
  }

  get common(): CommonHandlers {
    return this.#first.source.common;
  }

  /** Instantiates the code; nothing runs before. */
  link(functions: Imports): GeneratedCode {
    this.#env = { memory: this.#memory };
    // Object.keys of a literal gives its own keys and no others.
    for (const name of Object.keys(imports) as ImportName[]) this.#env[name] = functions[name];
    this.#exports = new WebAssembly.Instance(this.#first.module, { env: this.#env }).exports;
    // The generator exports these, and what later modules import (generate.ts).
    return this.#exports as unknown as GeneratedCode;
  }

  /** The handler of a row's variant; undefined where the decoder gives no such variant. */
  handler(row: Row, variant: number): Handler | undefined {
    const variants = this.#first.source.handlers.get(row.id) ?? (this.#late ??= this.#linkLate()).handlers.get(row.id);
    return variants?.[variant];
  }

  #linkLate(): HandlerModule {
    const base = this.#exports;
    if (base === undefined) throw new Error("vector code was asked for before the interpreter was linked");
    late ??= compile(generateLate(this.#first.source));
    // The first module exports its table under this name (wasm/module.ts).
    const table = base["table"] as WebAssembly.Table;
    table.grow(late.source.tableSize - table.length);
    // Its handlers put themselves into the table.
    // oxlint-disable-next-line no-new
    new WebAssembly.Instance(late.module, { env: { ...this.#env, ...base } });
    return late.source;
  }
}
