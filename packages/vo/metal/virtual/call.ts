import { hypercall } from "@mercury/toolchain/metal";

/** Ends the kernel with the errno in EAX: a refusal is a bug of the kernel's own (stubs/refused.ts). */
// @ts-ignore: decorator
@external("asm", "virtual_refused") export declare function refused(error: i32): void;

/** A hypercall that the VMM refuses only when the kernel is wrong. */
export function demand(number: u32, a: u32, b: u32, c: u32): void {
  const result = hypercall(number, a, b, c);
  if (result < 0) refused(result);
}
