import { Cursor } from "./cursor.ts";
import type {
  AnyValueType,
  DataInit,
  ElementSegment,
  Export,
  ExportKind,
  FunctionBody,
  FunctionImport,
  FunctionType,
  GlobalDefinition,
  WasmModule,
} from "./module.ts";

/** Value type bytes (Core Specification 5.3). */
const valueTypes: ReadonlyMap<number, AnyValueType> = new Map<number, AnyValueType>([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
  [0x7b, "v128"],
  [0x70, "funcref"],
  [0x6f, "externref"],
]);

const exportKinds: readonly ExportKind[] = ["function", "table", "memory", "global"];

type Draft = { -readonly [K in keyof WasmModule]: WasmModule[K] };

/** Decodes a module; throws {@link WasmError} where it is malformed. Function bodies are left as byte ranges. */
export function readModule(bytes: Uint8Array): WasmModule {
  const cursor = new Cursor(bytes, 0, bytes.length);
  const header = cursor.take(8);
  if (String.fromCharCode(...header) !== "\0asm\x01\0\0\0") cursor.fail("not a wasm module of version 1");
  const draft: Draft = {
    bytes,
    types: [],
    imports: [],
    bodies: [],
    globals: [],
    exports: [],
    elements: [],
    data: [],
    tableSize: 0,
    start: null,
    functionNames: new Map(),
    globalNames: new Map(),
  };
  const functionTypes: number[] = [];
  while (!cursor.atEnd) {
    const id = cursor.byte();
    readSection(id, cursor.sized(), draft, functionTypes);
  }
  return draft;
}

function readSection(id: number, section: Cursor, draft: Draft, functionTypes: number[]): void {
  switch (id) {
    case 0:
      return readCustom(section, draft);
    case 1:
      draft.types = section.vector(() => readType(section));
      return;
    case 2:
      draft.imports = section.vector(() => readImport(section));
      return;
    case 3:
      functionTypes.push(...section.vector(() => section.u32()));
      return;
    case 4:
      draft.tableSize = section.vector(() => readTable(section))[0] ?? 0;
      return;
    case 6:
      draft.globals = section.vector(() => readGlobal(section, draft));
      return;
    case 7:
      draft.exports = section.vector(() => readExport(section));
      return;
    case 8:
      draft.start = section.u32();
      return;
    case 9:
      draft.elements = section.vector(() => readElement(section, draft));
      return;
    case 10:
      draft.bodies = section.vector((index) => readBody(section, functionTypes[index] ?? section.fail("body without a type")));
      return;
    case 11:
      draft.data = section.vector(() => readData(section, draft));
      return;
    case 5:
    case 12:
      return; // memory limits and the data count say nothing about the image
    default:
      section.fail(`unknown section ${id}`);
  }
}

function readValueType(cursor: Cursor): AnyValueType {
  const code = cursor.byte();
  return valueTypes.get(code) ?? cursor.fail(`unknown value type 0x${code.toString(16)}`);
}

function readType(cursor: Cursor): FunctionType {
  if (cursor.byte() !== 0x60) cursor.fail("expected a function type");
  return { parameters: cursor.vector(() => readValueType(cursor)), results: cursor.vector(() => readValueType(cursor)) };
}

function readImport(cursor: Cursor): FunctionImport {
  const module = cursor.name();
  const name = cursor.name();
  if (cursor.byte() !== 0) cursor.fail(`import ${module}.${name} is not a function: memory, tables and globals cannot come from outside`);
  return { module, name, type: cursor.u32() };
}

function readTable(cursor: Cursor): number {
  readValueType(cursor);
  const hasMaximum = cursor.byte() & 1;
  const minimum = cursor.u32();
  if (hasMaximum) cursor.u32();
  return minimum;
}

function readGlobal(cursor: Cursor, draft: Draft): GlobalDefinition {
  const type = readValueType(cursor);
  const mutable = cursor.byte() === 1;
  return { type, mutable, initial: readConstant(cursor, draft) };
}

function readExport(cursor: Cursor): Export {
  const name = cursor.name();
  const kind = exportKinds[cursor.byte()] ?? cursor.fail(`export ${name} has an unknown kind`);
  return { name, kind, index: cursor.u32() };
}

/** A constant expression: one constant or a read of an earlier global, then `end` (Core Specification 3.3.10). */
function readConstant(cursor: Cursor, draft: Draft): bigint {
  const opcode = cursor.byte();
  const value = constantOperand(opcode, cursor, draft);
  if (cursor.byte() !== 0x0b) cursor.fail("initialiser is not one constant");
  return BigInt.asUintN(64, value);
}

function constantOperand(opcode: number, cursor: Cursor, draft: Draft): bigint {
  switch (opcode) {
    case 0x41:
      return BigInt.asUintN(32, BigInt(cursor.i32()));
    case 0x42:
      return cursor.i64();
    case 0x43:
      cursor.take(4);
      return 0n; // f32: the global is refused when code uses it
    case 0x44:
      cursor.take(8);
      return 0n;
    case 0x23:
      return draft.globals[cursor.u32()]?.initial ?? cursor.fail("initialiser reads a later global");
    default:
      return cursor.fail(`initialiser uses opcode 0x${opcode.toString(16)}`);
  }
}

function readElement(cursor: Cursor, draft: Draft): ElementSegment {
  const flags = cursor.u32();
  if (flags !== 0 && flags !== 4) cursor.fail(`element segment of kind ${flags}: only active segments of table 0 are known`);
  const offset = Number(readConstant(cursor, draft));
  const functions = cursor.vector(() => (flags === 0 ? cursor.u32() : readReference(cursor)));
  return { offset, functions };
}

/** `ref.func index end` or `ref.null type end`. */
function readReference(cursor: Cursor): number | null {
  const opcode = cursor.byte();
  const value = opcode === 0xd2 ? cursor.u32() : null;
  if (opcode === 0xd0) readValueType(cursor);
  if (cursor.byte() !== 0x0b) cursor.fail("element is not one reference");
  return value;
}

function readBody(cursor: Cursor, type: number): FunctionBody {
  const body = cursor.sized();
  const locals: AnyValueType[] = [];
  body.vector(() => {
    const count = body.u32();
    const local = readValueType(body);
    for (let index = 0; index < count; index++) locals.push(local);
  });
  return { type, locals, start: body.offset, end: body.end };
}

function readData(cursor: Cursor, draft: Draft): DataInit {
  const flags = cursor.u32();
  if (flags !== 0) cursor.fail(`data segment of kind ${flags}: only active segments of memory 0 are known`);
  const address = Number(BigInt.asUintN(32, readConstant(cursor, draft)));
  return { address, bytes: cursor.take(cursor.u32()) };
}

function readCustom(section: Cursor, draft: Draft): void {
  if (section.name() !== "name") return;
  while (!section.atEnd) {
    const id = section.byte();
    const part = section.sized();
    if (id === 1) draft.functionNames = readNameMap(part);
    if (id === 7) draft.globalNames = readNameMap(part);
  }
}

function readNameMap(cursor: Cursor): Map<number, string> {
  return new Map(cursor.vector((): [number, string] => [cursor.u32(), cursor.name()]));
}
