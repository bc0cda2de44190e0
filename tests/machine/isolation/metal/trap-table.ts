import { HYPERCALL_LOAD_TRAPS, TRAP_ENTRY_SIZE } from "@mercury/abi/metal";
import { hypercall } from "@mercury/toolchain/metal";

// @ts-ignore: decorator
@external("sym", "trapTable") export declare function trapTable(): usize;
// @ts-ignore: decorator
@external("sym", "trapTableEnd") export declare function trapTableEnd(): usize;

/** This kernel's own handlers (stubs/traps.ts). */
export function loadOwnTraps(): void {
  hypercall(HYPERCALL_LOAD_TRAPS, <u32>trapTable(), <u32>(trapTableEnd() - trapTable()) / TRAP_ENTRY_SIZE, 0);
}
