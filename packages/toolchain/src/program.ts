import { type MetalCompileOptions, compileMetal } from "./asc/compile.ts";
import { MetalBuildError } from "./asc/errors.ts";
import { UnknownImportError, UnsupportedError, WasmError, compileModule } from "./backend/index.ts";
import type { ImportResolver } from "./backend/index.ts";
import { asmImports } from "./intrinsics/asm.ts";
import { symImports } from "./intrinsics/sym.ts";
import { voImports } from "./intrinsics/vo.ts";
import { x86Imports } from "./intrinsics/x86.ts";
import type { LinkedImage } from "./link/image.ts";
import type { ProgramObject } from "./link/spec.ts";

/** What is compiled, and for which kind of image. */
export interface ProgramOptions extends MetalCompileOptions {
  /** Whether virtual-object operations become sites, or bare instructions (`--vmm none`). */
  readonly patchable: boolean;
}

/** Machine code of a metal program, ready to be linked. */
export interface CompiledProgram {
  readonly program: ProgramObject;
  /** Real paths of all sources. */
  readonly files: readonly string[];
}

/** Compiles metal modules to IA-32 machine code. Throws a MetalBuildError with file and line for code that is wrong or breaks a rule. */
export async function compileProgram(options: ProgramOptions): Promise<CompiledProgram> {
  const { wasm, staticEnd, locate, files } = await compileMetal(options);
  const resolvers = [x86Imports, voImports(options.patchable), symImports, asmImports, layerImports];
  const lowerImport: ImportResolver = (module, name, type) => {
    for (const resolver of resolvers) {
      const lowering = resolver(module, name, type);
      if (lowering !== undefined) return lowering;
    }
    return undefined;
  };
  try {
    const object = compileModule(wasm, { lowerImport });
    return { program: { object: { ...object, staticEnd }, locate }, files };
  } catch (error) {
    throw refusal(error, locate);
  }
}

/** A layer's function that is imported, not bound to a package: a call of a symbol, which an image would have to define. */
const layerImports: ImportResolver = (module, name) =>
  module.startsWith("mercury:") ? { kind: "call", symbol: `${module}.${name}` } : undefined;

/** What the back end says of a module, with the place in the source where it knows one. */
function refusal(error: unknown, locate: ProgramObject["locate"]): unknown {
  if (error instanceof UnknownImportError) return new MetalBuildError([{ file: null, line: 0, message: error.message }]);
  if (!(error instanceof UnsupportedError) && !(error instanceof WasmError)) return error;
  const source = locate(error.offset);
  return new MetalBuildError([{ file: source?.file ?? null, line: source?.line ?? 0, message: error.message }]);
}

/** The image as one piece, from its lowest address to the end of its initialised data. */
export function flatten(image: LinkedImage): Uint8Array {
  const start = Math.min(...image.segments.map((segment) => segment.address));
  const end = Math.max(...image.segments.map((segment) => segment.address + segment.bytes.length));
  const flat = new Uint8Array(end - start);
  for (const segment of image.segments) flat.set(segment.bytes, segment.address - start);
  return flat;
}
