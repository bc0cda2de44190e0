import { encode } from "../encode.ts";
import type { Mnemonic } from "../../tables/mnemonic.ts";
import type { Row } from "../row.ts";

/** Where a program of trials has to be placed: linear addresses, with flat segments. */
export const CODE = 0x0100_0000;
export const INPUT = 0x0200_0000;
export const OUTPUT = 0x0300_0000;

/** What POPA and then POPF take up, from the lowest address. */
const fields = ["edi", "esi", "ebp", "esp", "ebx", "edx", "ecx", "eax", "eflags"] as const;
/** Words of memory that belong to one trial. */
const MEMORY_WORDS = 16;

/** Bytes of one record, before as after. */
export const RECORD_BYTES: number = (fields.length + MEMORY_WORDS) * 4;

/** Registers, EFLAGS and memory before or after a trial. ESP is not loaded: at first it is the address of `memory`. */
export type State = Readonly<Record<(typeof fields)[number], number>> & { readonly memory: readonly number[] };

/** One instruction of a row, perhaps with another one behind it that a branch may skip. */
export interface Trial {
  readonly row: Row;
  readonly code: Uint8Array;
  readonly before: State;
}

/** Address of the memory of a trial. */
export function memoryOf(trial: number): number {
  return INPUT + trial * RECORD_BYTES + fields.length * 4;
}

/** Bytes to be placed at {@link CODE} and {@link INPUT}; at {@link OUTPUT} as many bytes as at {@link INPUT} will be written. */
export interface Program {
  /** Falls through at its end. */
  readonly code: Uint8Array;
  readonly input: Uint8Array;
}

/** ESP walks over the records, so that neither a register nor a flag is lost for an address. */
export function programOf(trials: readonly Trial[]): Program {
  const words = trials.flatMap(({ before }) => [...fields.map((field) => before[field]), ...before.memory]);
  return {
    code: Buffer.concat(trials.map(({ code }, at) => trialCode(code, at))),
    input: new Uint8Array(new Uint32Array(words).buffer),
  };
}

const popRegisters = encode("popa").bytes;
const pushRegisters = encode("pusha").bytes;

function trialCode(code: Uint8Array, at: number): Uint8Array {
  const after = OUTPUT + at * RECORD_BYTES + fields.length * 4;
  const esp = { kind: "register", register: "esp" } as const;
  const saveStack = encode("mov", [{ kind: "memory", displacement: after }, esp]).bytes;
  const load = [stackAt(INPUT + at * RECORD_BYTES), popRegisters, plain("popf")];
  const store = [saveStack, stackAt(after), plain("pushf"), pushRegisters, plain("cld")];
  return Buffer.concat(load.concat(code, store));
}

function plain(mnemonic: Mnemonic): Uint8Array {
  return encode(mnemonic).bytes;
}

function stackAt(address: number): Uint8Array {
  const operands = [
    { kind: "register", register: "esp" },
    { kind: "immediate", value: address },
  ] as const;
  return encode("mov", operands).bytes;
}

/**
 * The states after a program has run.
 * @param input the bytes at {@link INPUT} now: trials write to their memory
 * @param output the bytes at {@link OUTPUT}
 */
export function statesOf(input: Uint8Array, output: Uint8Array): State[] {
  const written = new Uint32Array(input.slice().buffer);
  const registers = new Uint32Array(output.slice().buffer);
  const words = RECORD_BYTES / 4;
  return Array.from({ length: registers.length / words }, (_, trial) => {
    const [edi = 0, esi = 0, ebp = 0, , ebx = 0, edx = 0, ecx = 0, eax = 0, eflags = 0, esp = 0] = registers.subarray(trial * words);
    // The registers that were loaded are compared as well: pushes go over them.
    const memory = [...written.subarray(trial * words, (trial + 1) * words)];
    return { edi, esi, ebp, esp, ebx, edx, ecx, eax, eflags, memory };
  });
}

/** What differs between two states after a trial, in words; flags that the row leaves undefined do not count. */
export function differences(row: Row, expected: State, actual: State): string[] {
  const defined = ~row.flagsUndefined;
  const registers = fields.flatMap((name) => {
    const mask = name === "eflags" ? defined : -1;
    const [want, got] = [expected[name] & mask, actual[name] & mask];
    return want === got ? [] : [`${name} ${hex(got)}, not ${hex(want)}`];
  });
  const memory = expected.memory.flatMap((want, at) =>
    want === actual.memory[at] ? [] : [`memory[${at}] ${hex(actual.memory[at] ?? 0)}, not ${hex(want)}`],
  );
  return registers.concat(memory);
}

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;
