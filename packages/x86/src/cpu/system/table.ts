import { rows, type Row } from "@mercury/isa";
import { executions } from "../semantics/table.ts";
import { floatInstructions } from "../fpu/table.ts";
import { assists } from "./assists.ts";
import { controlRegisters, moveSystemRegister } from "./control-registers.ts";
import type { HostInstruction, HostTable } from "./host.ts";
import { simdHost } from "../simd/host.ts";
import { ports } from "./ports.ts";
import { processor } from "./processor.ts";
import { tables } from "./tables.ts";
import { virtualInterrupts } from "./virtual-interrupts.ts";
import { moveToSegment, popSegment, transfers } from "./transfers.ts";

const byMnemonic: HostTable = {
  ...floatInstructions,
  ...assists,
  ...controlRegisters,
  ...ports,
  ...processor,
  ...tables,
  ...transfers,
  ...simdHost,
  ...virtualInterrupts,
};

function hostInstruction(row: Row): HostInstruction | undefined {
  const by = executions[row.id]?.by;
  if (row.mnemonic === "mov") {
    if (by !== "system") return undefined;
    return row.operands[0]?.method === "S" ? moveToSegment : moveSystemRegister;
  }
  if (row.mnemonic === "pop") return by === "system" ? popSegment : undefined;
  return byMnemonic[row.mnemonic];
}

/** By row id: what the host does for a form, if it does anything. */
export const hostInstructions: readonly (HostInstruction | undefined)[] = rows.map(hostInstruction);
