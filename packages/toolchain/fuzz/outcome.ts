import type { Call, Outcome, Trap } from "./program.ts";

/** The loader's and the driver's kinds (loader.c). */
const kinds: readonly (Trap | null)[] = [null, "divide", "unreachable", "memory", "timeout", "convention"];

/** What one call of IA-32 code did, from its kind, eax and edx. */
export function outcomeOf(call: Call, kind: number, low: number, high: number, memory: number): Outcome {
  const trap = kinds[kind] ?? null;
  const wide = ((BigInt(high) << 32n) | BigInt(low)).toString(16);
  const value = trap !== null || call.result === null ? null : call.result === "i64" ? wide : low.toString(16);
  return { value, trap, memory };
}
