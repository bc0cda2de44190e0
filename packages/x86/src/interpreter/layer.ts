import type { ProtectedModeEntry } from "../boot/entry.ts";
import type { Core } from "../cpu/core.ts";
import { enterProtected, resetState } from "../cpu/reset.ts";
import type { Cpu, CpuDebug, CpuLayer, CpuOptions, CpuRegisters, Stop } from "../layer.ts";
import { readFlags } from "../state/flags.ts";
import { FRAME_SIZE } from "../state/memory.ts";
import { at, CS, DS, ES, FS, GS, LDTR, segment, SS, TR } from "../state/layout.ts";
import type { BlockCache } from "./blocks.ts";
import type { Engine } from "./engine.ts";
import { Inspector } from "./inspect.ts";
import { createProcessor } from "./processor.ts";
import { restoreProcessor, saveProcessor } from "./saved.ts";

/** The interpreter as a processor of a machine. */
class InterpretedCpu implements Cpu {
  readonly #core: Core;
  readonly #blocks: BlockCache;
  readonly #engine: Engine;
  readonly debug: CpuDebug;

  constructor(options: CpuOptions) {
    const { core, blocks, engine } = createProcessor(options);
    this.#core = core;
    this.#blocks = blocks;
    this.#engine = engine;
    this.debug = new Inspector(core, blocks);
    this.reset();
  }

  get ram(): Uint8Array {
    return this.#core.memory.ram;
  }

  reset(): void {
    resetState(this.#core);
  }

  enterProtectedMode(state: ProtectedModeEntry): void {
    enterProtected(this.#core, state);
  }

  run(count: number): Stop {
    return this.#engine.run(count);
  }

  leave(): void {
    this.#core.attention = true;
  }

  writePhysical(address: number, bytes: Uint8Array): void {
    const { memory } = this.#core;
    const end = address + bytes.length;
    if (address < 0 || end > memory.ramSize) throw new RangeError(`${bytes.length} bytes at ${address} are not within RAM`);
    for (let at = address; at < end;) {
      const frameEnd = Math.min(end, (at | (FRAME_SIZE - 1)) + 1);
      this.#blocks.invalidate(memory.ramBase + at, frameEnd - at);
      at = frameEnd;
    }
    memory.bytes.set(bytes, memory.ramBase + address);
  }

  get retired(): number {
    return this.#core.retired;
  }

  setInterrupt(level: boolean): void {
    this.#core.state.set(at.interrupt, level ? 1 : 0);
  }

  raiseNmi(): void {
    this.#core.state.set(at.nmi, 1);
  }

  get registers(): CpuRegisters {
    const { state } = this.#core;
    const get = (offset: number): number => state.get(offset) >>> 0;
    const selector = (number: number): number => this.#core.segment(number, segment.selector);
    return {
      eax: get(at.eax),
      ecx: get(at.ecx),
      edx: get(at.edx),
      ebx: get(at.ebx),
      esp: get(at.esp),
      ebp: get(at.ebp),
      esi: get(at.esi),
      edi: get(at.edi),
      eip: get(at.eip),
      eflags: readFlags(state) >>> 0,
      es: selector(ES),
      cs: selector(CS),
      ss: selector(SS),
      ds: selector(DS),
      fs: selector(FS),
      gs: selector(GS),
      ldtr: selector(LDTR),
      tr: selector(TR),
      cr0: get(at.cr0),
      cr2: get(at.cr2),
      cr3: get(at.cr3),
      cr4: get(at.cr4),
      gdtBase: get(at.gdtBase),
      gdtLimit: get(at.gdtLimit),
      idtBase: get(at.idtBase),
      idtLimit: get(at.idtLimit),
      cpl: get(at.cpl),
    };
  }

  get counts(): { readonly exceptions: readonly number[]; readonly interrupts: number } {
    const { state } = this.#core;
    return {
      exceptions: Array.from({ length: 32 }, (_, number) => state.get(at.exceptionCounts + number * 4)),
      interrupts: state.get(at.interruptCount),
    };
  }

  save(): Uint8Array {
    return saveProcessor(this.#core);
  }

  restore(saved: Uint8Array): void {
    restoreProcessor(this.#core, saved);
    this.#blocks.clear();
  }
}

/** The default processor: an interpreter generated as WebAssembly from the semantics of the instruction table. */
export const interpreter: CpuLayer = {
  kind: "cpu",
  name: "@mercury/x86/interpreter",
  version: "0.1.0",
  create: (options) => new InterpretedCpu(options),
};
