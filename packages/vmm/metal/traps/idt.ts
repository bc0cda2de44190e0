import {
  SELECTOR_KERNEL_CODE_RING1, SELECTOR_VMM_CODE, SELECTOR_VMM_DOUBLE_FAULT_TASK_STATE, VECTOR_BREAKPOINT, VECTOR_DOUBLE_FAULT, VECTOR_HYPERCALL,
  VECTOR_MODE_SWITCH, VECTOR_OVERFLOW, VECTOR_SYSTEM_CALL,
} from "@mercury/abi/metal";
import { allowTableWrites, forbidTableWrites } from "../tables/protection";
import { constantsPage, entryTable } from "../symbols";
import { handlerOf } from "./handlers";

// Gates (SDM 3A 6.11, figure 6-2), present; DPL in bits 13 and 14.
const INTERRUPT_GATE: u32 = 0x8e00;
const TRAP_GATE: u32 = 0x8f00;
const TASK_GATE: u32 = 0x8500;
const RING1: u32 = 0x2000;
const RING3: u32 = 0x6000;

/** Bytes of the table: up to the last vector that has a gate (stubs/data.ts). A vector behind it raises #GP as an empty gate does. */
export const GATES_SIZE: u32 = (VECTOR_MODE_SWITCH + 1) << 3;

function setGate(vector: u32, selector: u32, handler: u32, kind: u32): void {
  const at = constantsPage() + <usize>(vector << 3);
  store<u32>(at, (selector << 16) | (handler & 0xffff));
  store<u32>(at + 4, (handler & 0xffff0000) | kind);
}

/** Which rings may raise a vector by INT: natively the kernel lets user code raise 3 and 4, and so it is here. */
function gateKind(vector: u32): u32 {
  if (vector == VECTOR_BREAKPOINT || vector == VECTOR_OVERFLOW) return INTERRUPT_GATE | RING3;
  if (vector == VECTOR_HYPERCALL || vector == VECTOR_MODE_SWITCH) return INTERRUPT_GATE | RING1;
  return INTERRUPT_GATE;
}

/** The VMM's interrupt table, all but the system call's gate. The constants page must still be writable. */
export function buildGates(): void {
  for (let at = entryTable(); load<u32>(at + 4) != 0; at += 8) {
    const vector = load<u32>(at);
    setGate(vector, SELECTOR_VMM_CODE, load<u32>(at + 4), gateKind(vector));
  }
  setGate(VECTOR_DOUBLE_FAULT, SELECTOR_VMM_DOUBLE_FAULT_TASK_STATE, 0, TASK_GATE);
}

/** System calls go from ring 3 to the kernel in ring 1 without the VMM: a trap gate, as natively. */
export function openSystemCall(): void {
  allowTableWrites();
  setGate(VECTOR_SYSTEM_CALL, SELECTOR_KERNEL_CODE_RING1, handlerOf(VECTOR_SYSTEM_CALL).handler, TRAP_GATE | RING3);
  forbidTableWrites();
}

/** Back to the table that was sealed. */
export function closeSystemCall(): void {
  allowTableWrites();
  setGate(VECTOR_SYSTEM_CALL, 0, 0, 0);
  forbidTableWrites();
}
