/** What a generator hands to the runners: a module and the calls that tell two executions of it apart. */

export type Argument = number | bigint;

export interface Call {
  readonly name: string;
  /** i32 parameters as numbers, i64 ones as bigints. */
  readonly args: readonly Argument[];
  readonly result: "i32" | "i64" | null;
}

export interface Program {
  readonly wasm: Uint8Array;
  readonly calls: readonly Call[];
  /** Linear range that is hashed after every call. */
  readonly memory: { readonly address: number; readonly length: number };
}

export type Trap = "divide" | "unreachable" | "memory" | "timeout" | "convention";

/** What one call did. */
export interface Outcome {
  /** Result as an unsigned number in hexadecimal, or null when there is none. */
  readonly value: string | null;
  readonly trap: Trap | null;
  /** FNV-1a over the memory range, a word at a time. */
  readonly memory: number;
}

/** Hash of the words of a range, as the native loader computes it. */
export function hashWords(words: Uint32Array): number {
  let hash = 0x811c9dc5;
  for (const word of words) hash = Math.imul(hash ^ word, 0x01000193);
  return hash >>> 0;
}
