import type { Core } from "../cpu/core.ts";
import { raise, raiseGeneral, vector } from "../cpu/exceptions.ts";
import { access, vectorFault, type Imports } from "../cpu/imports.ts";
import { executeFloat } from "../cpu/simd/float/execute.ts";
import { raiseUnavailable } from "../cpu/simd/availability.ts";
import { hostInstructions } from "../cpu/system/table.ts";
import { readForUpdate, readMemory, writeMemory } from "../mmu/access.ts";
import { readWide, writeWide } from "../mmu/wide.ts";
import { at, eflags, segmentSize, SS } from "../state/layout.ts";
import type { BlockCache } from "./blocks.ts";
import { record } from "./record.ts";

/** Does the instruction of a record; #UD when there is none. */
function perform(core: Core, blocks: BlockCache, address: number): void {
  const decoded = blocks.hosted(address);
  if (decoded === undefined) throw new Error(`record ${address} asks for the host, but nothing is known of it`);
  if (!decoded.ok) {
    // SDM 2A 2.3.11: an instruction of more than 15 bytes is #GP, not #UD.
    if (decoded.reason === "too-long") raiseGeneral(core, 0);
    raise(core, vector.UD);
  }
  const instruction = hostInstructions[decoded.row.id] ?? raise(core, vector.UD);
  instruction(core, decoded);
}

/** Something that the run loop has to look at before the next instruction. */
function needsAttention(core: Core): boolean {
  const { state } = core;
  if (core.attention || state.get(at.activity) !== 0) return true;
  if ((state.get(at.interrupt) | state.get(at.nmi)) !== 0) return true;
  return (state.get(at.eflags) & (eflags.TF | eflags.RF)) !== 0 || state.get(at.debugPending) !== 0;
}

/** The functions that generated code calls. */
export function createImports(core: Core, blocks: BlockCache): Imports {
  const { memory, state } = core;
  const wide = state.base + at.wide;
  const stackCache = state.base + at.segments + SS * segmentSize;
  return {
    readSlow(address, linear, mode) {
      core.record = address;
      const value = readMemory(core, linear, mode);
      core.record = 0;
      return value;
    },
    writeSlow(address, linear, value, mode) {
      core.record = address;
      writeMemory(core, linear, value, mode);
      core.record = 0;
    },
    updateSlow(address, linear, mode) {
      core.record = address;
      const value = readForUpdate(core, linear, mode);
      core.record = 0;
      return value;
    },
    readWide(address, linear, mode) {
      core.record = address;
      readWide(core, linear, mode, wide);
      core.record = 0;
    },
    writeWide(address, linear, mode) {
      core.record = address;
      writeWide(core, linear, mode, wide);
      core.record = 0;
    },
    float(address, number) {
      core.record = address;
      executeFloat(core, number);
      core.record = 0;
    },
    vectorFault(address, reason) {
      core.record = address;
      if (reason === vectorFault.alignment) raiseGeneral(core, 0);
      raiseUnavailable(core, reason === vectorFault.mmx ? "mmx" : "xmm");
    },
    segmentFault(address, cache, mode) {
      core.record = address;
      const stack = (mode & access.stack) !== 0 || cache === stackCache;
      raise(core, stack ? vector.SS : vector.GP, 0);
    },
    divideError(address) {
      core.record = address;
      raise(core, vector.DE);
    },
    assist(address) {
      core.record = address;
      perform(core, blocks, address);
      core.record = 0;
    },
    system(address) {
      core.record = address;
      state.set(at.eip, memory.word(address + record.next));
      perform(core, blocks, address);
      core.record = 0;
      return needsAttention(core) ? 1 : 0;
    },
    translate() {
      core.record = 0;
      return blocks.translate();
    },
    linkBranch(address, link) {
      core.record = 0;
      blocks.linkBranch(address, link);
    },
  };
}
