import { Core } from "../cpu/core.ts";
import { featureBits } from "../cpu/system/feature.ts";
import type { CpuOptions } from "../layer.ts";
import { MachineMemory } from "../state/memory.ts";
import { BlockCache } from "./blocks.ts";
import { Engine } from "./engine.ts";
import { Interpreter } from "./interpreter.ts";
import { createImports } from "./imports.ts";

/** The parts of an interpreted CPU. */
export interface Processor {
  readonly core: Core;
  readonly blocks: BlockCache;
  readonly engine: Engine;
}

/** Allocates the memory and instantiates the interpreter; the state block is all zeros and wants a reset. */
export function createProcessor({ memory: ramSize, bus, hide = [] }: CpuOptions): Processor {
  const memory = new MachineMemory(ramSize);
  const interpreter = new Interpreter(memory.memory);
  const core = new Core(memory, bus, featureBits(hide));
  const blocks = new BlockCache(core, interpreter);
  core.code = blocks;
  const engine = new Engine(core, blocks, interpreter.link(createImports(core, blocks)));
  return { core, blocks, engine };
}
