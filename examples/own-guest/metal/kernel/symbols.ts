/** Code and data that stubs/index.ts writes, and addresses that the linker knows. */
// @ts-ignore: decorator
@external("asm", "codeSelector") export declare function codeSelector(): u32;
// @ts-ignore: decorator
@external("asm", "raiseBreakpoint") export declare function raiseBreakpoint(): void;
// @ts-ignore: decorator
@external("sym", "breakpoints") export declare function breakpoints(): usize;
// @ts-ignore: decorator
@external("sym", "trapTable") export declare function trapTable(): usize;
// @ts-ignore: decorator
@external("sym", "trapTableEnd") export declare function trapTableEnd(): usize;
// @ts-ignore: decorator
@external("sym", "ringText") export declare function ringText(): usize;
// @ts-ignore: decorator
@external("sym", "trapsText") export declare function trapsText(): usize;
// @ts-ignore: decorator
@external("sym", "refusedText") export declare function refusedText(): usize;
// @ts-ignore: decorator
@external("sym", "fatalText") export declare function fatalText(): usize;

import { TRAP_ENTRY_SIZE } from "@mercury/abi/metal";

/** Rows of the trap table. */
export function trapCount(): u32 {
  return <u32>(trapTableEnd() - trapTable()) / TRAP_ENTRY_SIZE;
}
