import { Bytes } from "./bytes.ts";
import { control, type ValueType } from "./opcodes.ts";

/** Section numbers of a module (WebAssembly Core 5.5.2). */
const section = { type: 1, import: 2, function: 3, table: 4, export: 7, element: 9, code: 10 } as const;
const FUNCTION_TYPE = 0x60;
const FUNCTION_REFERENCE = 0x70;

export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

interface Definition {
  readonly type: number;
  readonly body: Uint8Array;
  readonly exported: string | undefined;
}

/**
 * A module with one imported memory (`env.memory`), imported functions, functions of its own and one table, which it exports
 * as `table`, or of which it fills a part from `first` on when it imports `env.table`. Imports are declared before the first
 * definition, because both share one numbering.
 */
export class ModuleBuilder {
  readonly #first: number | undefined;
  readonly #types: FunctionType[] = [];
  readonly #imports: { name: string; type: number }[] = [];
  readonly #definitions: (Definition | undefined)[] = [];
  readonly #elements: number[] = [];

  /** `first`: imports the table, and puts its own elements there; otherwise the table is its own. */
  constructor(first?: number) {
    this.#first = first;
  }

  /** The index of a function type, added when new. */
  type(wanted: FunctionType): number {
    const key = JSON.stringify(wanted);
    const known = this.#types.findIndex((type) => JSON.stringify(type) === key);
    if (known >= 0) return known;
    return this.#types.push(wanted) - 1;
  }

  /** Declares the import `env.name`; gives its function index. */
  import(name: string, type: FunctionType): number {
    if (this.#definitions.length > 0) throw new Error(`import ${name} is declared after a definition`);
    return this.#imports.push({ name, type: this.type(type) }) - 1;
  }

  /** Reserves a function index, for calls that come before the definition. */
  declare(): number {
    return this.#imports.length + this.#definitions.push(undefined) - 1;
  }

  define(index: number, type: FunctionType, body: Uint8Array, exported?: string): void {
    this.#definitions[index - this.#imports.length] = { type: this.type(type), body, exported };
  }

  /** Appends a function to the table; gives its table index. */
  element(functionIndex: number): number {
    return (this.#first ?? 0) + this.#elements.push(functionIndex) - 1;
  }

  /** The binary module. `memoryPages` is the least size of the imported memory, in 64 KB pages. */
  encode(memoryPages: number): Uint8Array<ArrayBuffer> {
    const out = new Bytes();
    out.append(Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00));
    writeSection(out, section.type, this.#types.map(encodeType));
    const table = this.#first === undefined ? [] : [encodeTableImport(this.#first + this.#elements.length)];
    writeSection(out, section.import, [...this.#imports.map(encodeImport), encodeMemoryImport(memoryPages), ...table]);
    const definitions = this.#definitions.map((definition, index) => {
      if (definition === undefined) throw new Error(`function ${index} is declared but not defined`);
      return definition;
    });
    writeSection(
      out,
      section.function,
      definitions.map((definition) => encodeIndex(definition.type)),
    );
    if (this.#first === undefined) writeSection(out, section.table, [encodeTable(this.#elements.length)]);
    writeSection(out, section.export, this.#exports(definitions));
    writeSection(out, section.element, [encodeElements(this.#first ?? 0, this.#elements)]);
    writeSection(
      out,
      section.code,
      definitions.map((definition) => encodeBody(definition.body)),
    );
    return new Uint8Array(out.view());
  }

  #exports(definitions: readonly Definition[]): Uint8Array[] {
    const entries: Uint8Array[] = [];
    for (const [index, { exported }] of definitions.entries()) {
      if (exported === undefined) continue;
      const entry = new Bytes();
      entry.name(exported);
      entry.byte(0x00);
      entry.unsigned(this.#imports.length + index);
      entries.push(entry.view());
    }
    if (this.#first === undefined) entries.push(encodeTableExport());
    return entries;
  }
}

function writeSection(out: Bytes, id: number, entries: readonly Uint8Array[]): void {
  const content = new Bytes();
  content.unsigned(entries.length);
  for (const entry of entries) content.append(entry);
  out.byte(id);
  out.unsigned(content.length);
  out.append(content.view());
}

function encodeType(type: FunctionType): Uint8Array {
  const out = new Bytes();
  out.byte(FUNCTION_TYPE);
  for (const list of [type.parameters, type.results]) {
    out.unsigned(list.length);
    for (const value of list) out.byte(value);
  }
  return out.view();
}

function encodeImport(entry: { name: string; type: number }): Uint8Array {
  const out = new Bytes();
  out.name("env");
  out.name(entry.name);
  out.byte(0x00);
  out.unsigned(entry.type);
  return out.view();
}

function encodeMemoryImport(pages: number): Uint8Array {
  const out = new Bytes();
  out.name("env");
  out.name("memory");
  out.byte(0x02);
  out.byte(0x00);
  out.unsigned(pages);
  return out.view();
}

function encodeIndex(value: number): Uint8Array {
  const out = new Bytes();
  out.unsigned(value);
  return out.view();
}

/** At least `size` elements; it may grow. */
function encodeTable(size: number): Uint8Array {
  const out = new Bytes();
  out.byte(FUNCTION_REFERENCE);
  out.byte(0x00);
  out.unsigned(size);
  return out.view();
}

function encodeTableImport(size: number): Uint8Array {
  const out = new Bytes();
  out.name("env");
  out.name("table");
  out.byte(0x01);
  out.append(encodeTable(size));
  return out.view();
}

function encodeTableExport(): Uint8Array {
  const out = new Bytes();
  out.name("table");
  out.byte(0x01);
  out.unsigned(0);
  return out.view();
}

/** An active segment: it begins at element `first`. */
function encodeElements(first: number, functions: readonly number[]): Uint8Array {
  const out = new Bytes();
  out.unsigned(0);
  out.byte(control.i32Const);
  out.signed(first);
  out.byte(control.end);
  out.unsigned(functions.length);
  for (const index of functions) out.unsigned(index);
  return out.view();
}

function encodeBody(body: Uint8Array): Uint8Array {
  const out = new Bytes();
  out.unsigned(body.length);
  out.append(body);
  return out.view();
}
