import { Core } from "../cpu/core.ts";
import { imports, type ImportName } from "../cpu/imports.ts";
import type { CpuOptions } from "../layer.ts";
import { MachineMemory } from "../state/memory.ts";
import { BlockCache } from "./blocks.ts";
import { Engine, type GeneratedCode } from "./engine.ts";
import { generateInterpreter, type Interpreter } from "./generate.ts";
import { createImports } from "./imports.ts";

/** The parts of an interpreted CPU. */
export interface Processor {
  readonly core: Core;
  readonly blocks: BlockCache;
  readonly engine: Engine;
}

let shared: { readonly interpreter: Interpreter; readonly module: WebAssembly.Module } | undefined;

/** The interpreter is the same for every processor, so one process generates and compiles it once. */
function sharedInterpreter(): { readonly interpreter: Interpreter; readonly module: WebAssembly.Module } {
  if (shared !== undefined) return shared;
  const interpreter = generateInterpreter(1);
  shared = { interpreter, module: new WebAssembly.Module(interpreter.module) };
  return shared;
}

/** Allocates the memory and instantiates the interpreter; the state block is all zeros and wants a reset. */
export function createProcessor({ memory: ramSize, bus }: CpuOptions): Processor {
  const memory = new MachineMemory(ramSize);
  const { interpreter, module } = sharedInterpreter();
  const core = new Core(memory, bus);
  const blocks = new BlockCache(core, interpreter);
  core.code = blocks;
  const functions = createImports(core, blocks);
  const env: WebAssembly.ModuleImports = { memory: memory.memory };
  // Object.keys of a literal gives its own keys and no others.
  for (const name of Object.keys(imports) as ImportName[]) env[name] = functions[name];
  const instance = new WebAssembly.Instance(module, { env });
  // The generator exports exactly these two functions (generate.ts).
  const engine = new Engine(core, blocks, instance.exports as unknown as GeneratedCode);
  return { core, blocks, engine };
}
