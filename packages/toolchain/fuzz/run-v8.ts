import { hashWords, type Call, type Outcome, type Program, type Trap } from "./program.ts";

/** The part of the host's WebAssembly that is used: Node's types know none without those of the browser. */
interface WebAssemblyHost {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
  readonly RuntimeError: new () => Error;
}

// The declarations of the browser's library would make its globals known to all host code.
const host = (globalThis as unknown as { readonly WebAssembly: WebAssemblyHost }).WebAssembly;

/** Runs a program's calls in the host's WebAssembly engine: the reference. */
export function runV8(program: Program): Outcome[] {
  const instance = new host.Instance(new host.Module(program.wasm), {});
  const { memory } = instance.exports;
  const { address, length } = program.memory;
  const words = hasBuffer(memory) ? new Uint32Array(memory.buffer, address, length >>> 2) : new Uint32Array(0);
  return program.calls.map((call) => {
    const outcome = run(instance.exports, call);
    return { ...outcome, memory: hashWords(words) };
  });
}

function hasBuffer(memory: unknown): memory is { readonly buffer: ArrayBuffer } {
  return typeof memory === "object" && memory !== null && "buffer" in memory;
}

function run(exports: Readonly<Record<string, unknown>>, call: Call): { value: string | null; trap: Trap | null } {
  const callee = exports[call.name];
  if (typeof callee !== "function") throw new Error(`the program does not export ${call.name}`);
  try {
    const value: unknown = Reflect.apply(callee, undefined, call.args);
    return { value: describe(value, call.result), trap: null };
  } catch (error) {
    if (!(error instanceof host.RuntimeError)) throw error;
    return { value: null, trap: trapOf(error.message) };
  }
}

export function describe(value: unknown, type: Call["result"]): string | null {
  if (type === "i64" && typeof value === "bigint") return BigInt.asUintN(64, value).toString(16);
  return type === "i32" && typeof value === "number" ? (value >>> 0).toString(16) : null;
}

function trapOf(message: string): Trap {
  if (message.includes("divide") || message.includes("remainder")) return "divide";
  if (message.includes("unreachable")) return "unreachable";
  if (message.includes("memory")) return "memory";
  throw new Error(`unexpected trap: ${message}`);
}
