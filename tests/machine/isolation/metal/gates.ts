import {
  VECTOR_BREAKPOINT, VECTOR_GENERAL_PROTECTION, VECTOR_HYPERCALL, VECTOR_MODE_SWITCH, VECTOR_OVERFLOW, VECTOR_SYSTEM_CALL,
} from "@mercury/abi/metal";
import { cstr } from "@mercury/toolchain/metal";
import { NONE, context, outcome, probeCode, probeInterrupt } from "./context";
import { finish, judge } from "./report";
import { ring } from "./ring";

const VECTORS: u32 = 256;
/** In an error code: the number is that of a gate (SDM 3A 6.13). */
const GATE: u32 = 2;

function isOpen(vector: u32): bool {
  if (vector == VECTOR_HYPERCALL || vector == VECTOR_MODE_SWITCH) return ring() == 1;
  return vector == VECTOR_BREAKPOINT || vector == VECTOR_OVERFLOW || vector == VECTOR_SYSTEM_CALL;
}

/** INT n: through an open gate it comes back, or arrives at the kernel's handler of n; any other is #GP that names the gate. */
function interrupts(): void {
  for (let vector: u32 = 0; vector < VECTORS; vector++) {
    const got = outcome(probeInterrupt(vector));
    const refused = got == VECTOR_GENERAL_PROTECTION && context().error == ((vector << 3) | GATE);
    judge(!refused, isOpen(vector) && (got == vector || got == NONE), got, vector, got);
  }
  finish(cstr`int n`);
}

/** Rows of stubs/instructions.ts: address, what rings 1 and 3 meet, which bits of the value must be what. */
// @ts-ignore: decorator
@external("sym", "instructionTable") export declare function instructionTable(): usize;
const ROW_SIZE: usize = 16;
/** Any trap. */
const ANY: u32 = 0xfe;

/** Privileged and sensitive instructions: each traps as it must, or gives what it may. */
function instructions(): void {
  for (let row = instructionTable(); load<u32>(row) != 0; row += ROW_SIZE) {
    const expected: u32 = ring() == 1 ? load<u8>(row, 4) : load<u8>(row, 5);
    context().value = 0;
    const got = outcome(probeCode(load<u32>(row)));
    const right = got == expected || (expected == ANY && got != NONE);
    const value = expected != NONE || (context().value & load<u32>(row, 8)) == load<u32>(row, 12);
    judge(got == NONE, right && value ? got == NONE : got != NONE, load<u32>(row), context().value, got);
  }
  finish(cstr`privileged and sensitive instructions`);
}

export function probeGates(): void {
  interrupts();
  instructions();
}
