/** The parts of a wasm module (WebAssembly Core Specification 2.0, section 5.5) that a metal image can use. */

export type ValueType = "i32" | "i64";

/** A signature may name float types: the function is then refused when it is compiled, by its own name. */
export type AnyValueType = ValueType | "f32" | "f64" | "v128" | "funcref" | "externref";

export interface FunctionType {
  readonly parameters: readonly AnyValueType[];
  readonly results: readonly AnyValueType[];
}

export interface FunctionImport {
  readonly module: string;
  readonly name: string;
  readonly type: number;
}

export interface GlobalDefinition {
  readonly type: AnyValueType;
  readonly mutable: boolean;
  /** Value of the constant initialiser, as an unsigned 64-bit number. */
  readonly initial: bigint;
}

export interface FunctionBody {
  readonly type: number;
  /** Declared locals, without the parameters. */
  readonly locals: readonly AnyValueType[];
  /** Byte range of the instructions in the module, the final `end` included. */
  readonly start: number;
  readonly end: number;
}

export type ExportKind = "function" | "table" | "memory" | "global";

export interface Export {
  readonly name: string;
  readonly kind: ExportKind;
  readonly index: number;
}

export interface ElementSegment {
  readonly offset: number;
  /** Function index space, or null for a null reference. */
  readonly functions: readonly (number | null)[];
}

export interface DataInit {
  readonly address: number;
  readonly bytes: Uint8Array;
}

export interface WasmModule {
  readonly bytes: Uint8Array;
  readonly types: readonly FunctionType[];
  readonly imports: readonly FunctionImport[];
  readonly bodies: readonly FunctionBody[];
  readonly globals: readonly GlobalDefinition[];
  readonly exports: readonly Export[];
  readonly elements: readonly ElementSegment[];
  readonly data: readonly DataInit[];
  /** Slots of table 0, 0 when there is no table. */
  readonly tableSize: number;
  readonly start: number | null;
  /** Names of the name section, by function index. */
  readonly functionNames: ReadonlyMap<number, string>;
  readonly globalNames: ReadonlyMap<number, string>;
}

/** The module is malformed, or uses what no metal image can have. `offset` is in bytes from the module's start. */
export class WasmError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(`wasm module, byte ${offset}: ${message}`);
    this.name = "WasmError";
    this.offset = offset;
  }
}

/** Type of a function of the function index space, imports first. */
export function typeOfFunction(module: WasmModule, index: number): FunctionType {
  const typeIndex = module.imports[index]?.type ?? module.bodies[index - module.imports.length]?.type;
  const type = typeIndex === undefined ? undefined : module.types[typeIndex];
  if (!type) throw new WasmError(`function ${index} has no type`, 0);
  return type;
}
