import type { Core } from "../cpu/core.ts";
import { updateMode } from "../cpu/segments.ts";
import { updateBreakpoints } from "../cpu/system/debug-registers.ts";
import { placeLocalApic } from "../cpu/system/msr.ts";
import { MachineError } from "../errors.ts";
import { emptyTlbs } from "../mmu/tlb.ts";
import { fillTlbs, readTlbs, saveTlbs } from "../mmu/saved-tlbs.ts";
import { activity, at } from "../state/layout.ts";

/**
 * A processor at rest, as bytes: the state block, then the entries of the TLBs. Those are part of it because software may have
 * changed a page table and not yet said so by INVLPG: what it then reads, and which A bits it finds set, is up to them.
 */
export function saveProcessor(core: Core): Uint8Array {
  const { state } = core;
  const tlbs = saveTlbs(core);
  const saved = new Uint8Array(at.end + tlbs.length);
  saved.set(new Uint8Array(state.words.buffer, state.base, at.end));
  saved.set(tlbs, at.end);
  return saved;
}

/** Values that generated code takes for granted, and their greatest. The least is 0. */
const bounds: readonly (readonly [name: string, offset: number, most: number])[] = [
  ["CPL", at.cpl, 3],
  ["activity", at.activity, activity.shutdown],
  ["TOP", at.fpuTop, 7],
  ["the null operand", at.zero, 0],
  ["CF", at.carry, 1],
  ["INTR", at.interrupt, 1],
  ["NMI", at.nmi, 1],
];

/** Instructions are counted in numbers: beyond the exact ones a run would not come to its end. */
function checkCount(block: DataView): void {
  const limit = block.getBigInt64(at.limit, true);
  const retired = limit - BigInt(block.getInt32(at.budget, true));
  if (limit < 0n || retired < 0n || limit > Number.MAX_SAFE_INTEGER || retired > Number.MAX_SAFE_INTEGER)
    throw new MachineError(
      "snapshot",
      `snapshot: the processor has retired ${retired} instructions, which is no number that it can have come to`,
    );
}

/** Goes on from what `saveProcessor` gave; throws MachineError when it cannot be that, and has then changed nothing. Decoded code is to be dropped. */
export function restoreProcessor(core: Core, saved: Uint8Array): void {
  if (saved.length < at.end)
    throw new MachineError("snapshot", `snapshot: processor state of ${saved.length} bytes, at least ${at.end} belong there`);
  const block = new DataView(saved.slice(0, at.end).buffer);
  for (const [name, offset, most] of bounds) {
    const value = block.getUint32(offset, true);
    if (value > most) throw new MachineError("snapshot", `snapshot: ${name} of the processor is ${value}, and at most ${most} is possible`);
  }
  checkCount(block);
  const tlbs = readTlbs(core, saved.subarray(at.end));
  emptyTlbs(core);
  new Uint8Array(core.state.words.buffer, core.state.base, at.end).set(new Uint8Array(block.buffer));
  core.restoreCount();
  core.attention = false;
  core.record = 0;
  updateMode(core);
  placeLocalApic(core);
  updateBreakpoints(core);
  fillTlbs(core, tlbs);
}
