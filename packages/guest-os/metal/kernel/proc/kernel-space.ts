import { disableInterrupts, restoreFlags, saveFlags } from "mercury:vo";
import { Space, createSpace } from "../mm/space";
import { useSpace } from "../sched/switch";

/** The space without a user half, for tasks that have none of their own and must not stand in one that goes away. */
let kernelSpace: Space | null = null;

/** Makes it; false when memory is out. */
export function createKernelSpace(): bool {
  kernelSpace = createSpace();
  return kernelSpace !== null;
}

export function useKernelSpace(): void {
  const space = kernelSpace;
  if (space === null) return;
  const flags = saveFlags();
  disableInterrupts();
  useSpace(space);
  restoreFlags(flags);
}
