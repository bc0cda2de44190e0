import { gdtSlots, memoryMap, structures } from "@mercury/abi";
import { attempt, request } from "./attempt.ts";
import type { Patient } from "./patient.ts";

/** What the VMM's seal covers, physical. */
export interface Sealed {
  /** Interrupt gates, and behind them the type of every chunk. */
  readonly gates: number;
  readonly chunkMap: number;
  readonly gdt: number;
  readonly landing: number;
  readonly taskState: number;
  readonly ranges: readonly { readonly from: number; readonly to: number }[];
}

/** Where the chunk map follows the gates in the VMM's page of constants. */
const chunkMapOffset = 2048;

/** From native to virtual mode, looking on: an attach ends with everything of the VMM loaded, and the landing directory in CR3. */
export function findSealed(patient: Patient): Sealed {
  request(patient, "virtual");
  const { cr3, idtBase, gdtBase } = attempt(patient).after.registers;
  patient.untilPrompt();
  const [gates, gdt, landing] = [patient.physical(idtBase), patient.physical(gdtBase), cr3];
  const [taskState, doubleFault] = ([gdtSlots.vmmTaskState, gdtSlots.vmmDoubleFaultTaskState] as const).map((slot) =>
    patient.physical(patient.segmentBase(slot)),
  );
  const range = (from: number, bytes: number): { from: number; to: number } => ({ from, to: from + bytes });
  const states = [taskState ?? Number.NaN, doubleFault ?? Number.NaN].map((at) => range(at, structures.taskState.size));
  const tables = [range(gates, memoryMap.pageSize), range(gdt, 8 * gdtSlots.count), range(landing, memoryMap.pageSize)];
  return { gates, chunkMap: gates + chunkMapOffset, gdt, landing, taskState: taskState ?? Number.NaN, ranges: [...tables, ...states] };
}
