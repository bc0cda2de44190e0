import { Core } from "../cpu/core.ts";
import { imports, type ImportName } from "../cpu/imports.ts";
import type { CpuOptions } from "../layer.ts";
import { MachineMemory } from "../state/memory.ts";
import { BlockCache } from "./blocks.ts";
import { Engine, type GeneratedCode } from "./engine.ts";
import { generateInterpreter } from "./generate.ts";
import { createImports } from "./imports.ts";

/** The parts of an interpreted CPU. */
export interface Processor {
  readonly core: Core;
  readonly blocks: BlockCache;
  readonly engine: Engine;
}

/** Allocates the memory and generates the interpreter; the state block is all zeros and wants a reset. */
export function createProcessor({ memory: ramSize, bus }: CpuOptions): Processor {
  const memory = new MachineMemory(ramSize);
  const generated = generateInterpreter(1);
  const core = new Core(memory, bus);
  const blocks = new BlockCache(core, generated);
  core.code = blocks;
  const functions = createImports(core, blocks);
  const env: WebAssembly.ModuleImports = { memory: memory.memory };
  // Object.keys of a literal gives its own keys and no others.
  for (const name of Object.keys(imports) as ImportName[]) env[name] = functions[name];
  const instance = new WebAssembly.Instance(new WebAssembly.Module(generated.module), { env });
  // The generator exports exactly these two functions (generate.ts).
  const engine = new Engine(core, blocks, instance.exports as unknown as GeneratedCode);
  return { core, blocks, engine };
}
