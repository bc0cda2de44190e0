import { conditions } from "../tables/condition.ts";
import type { Mnemonic } from "../tables/mnemonic.ts";
import { takesMemory } from "./method.ts";
import type { OperandForm, OperandType, Row } from "./row.ts";
import { rows } from "./rows.ts";

/** A row under one of its names. */
export interface Candidate {
  readonly row: Row;
  /** The operands that are written, in the order in which this candidate takes them. */
  readonly operands: readonly OperandForm[];
  /** Operand size that the name stands for, 0 if it stands for none. */
  readonly operandSize: 0 | 16 | 32;
  /** Address size that the name stands for (JCXZ), 0 if it stands for none. */
  readonly addressSize: 0 | 16 | 32;
  /** A memory operand without a size would fit another row as well. */
  readonly needsMemorySize: boolean;
}

/** The candidates of one name in the two orders of preference that `EncodeOptions.shortest` selects. */
export interface Candidates {
  readonly shortest: readonly Candidate[];
  readonly longest: readonly Candidate[];
}

/** Bytes of an immediate by operand type, at operand size 32. */
const immediateLengths: Readonly<Record<string, number>> = { b: 1, bs: 1, w: 2, v: 4, z: 4 };

/** Names that mean another name's rows. */
const synonyms: readonly (readonly [Mnemonic, Mnemonic])[] = [
  ["sal", "shl"],
  ["loopz", "loope"],
  ["loopnz", "loopne"],
  ["xlatb", "xlat"],
  ...conditions.flatMap(([name, ...others]) =>
    others.flatMap((other): (readonly [Mnemonic, Mnemonic])[] => [
      [`j${other}`, `j${name}`],
      [`set${other}`, `set${name}`],
      [`cmov${other}`, `cmov${name}`],
    ]),
  ),
];

/** Candidates by every name that the encoder takes. */
export const candidates: ReadonlyMap<Mnemonic, Candidates> = collect();

/** Every name that `encode` takes, synonyms included. */
export const mnemonics: readonly Mnemonic[] = [...candidates.keys()];

function collect(): Map<Mnemonic, Candidates> {
  const lists = new Map<Mnemonic, Candidate[]>();
  for (const row of rows) {
    if (row.alias) continue;
    for (const [name, candidate] of namesOf(row)) {
      const list = lists.get(name);
      if (list === undefined) lists.set(name, [candidate]);
      else list.push(candidate);
    }
  }
  const result = new Map<Mnemonic, Candidates>();
  for (const [name, list] of lists) result.set(name, ordered(list));
  for (const [synonym, name] of synonyms) {
    const same = result.get(name);
    if (same !== undefined) result.set(synonym, same);
  }
  return result;
}

function namesOf(row: Row): readonly (readonly [Mnemonic, Candidate])[] {
  const { 16: word, 32: dword } = row.sizeNames;
  const names: [Mnemonic, Candidate][] = [];
  for (const operands of ordersOf(row)) {
    if (row.mnemonic !== word && row.mnemonic !== dword) names.push([row.mnemonic, candidate(row, operands, 0)]);
    if (word !== undefined) names.push([word, candidate(row, operands, 16)]);
    if (dword !== undefined) names.push([dword, candidate(row, operands, 32)]);
  }
  return names;
}

function ordersOf(row: Row): readonly (readonly OperandForm[])[] {
  const written = row.operands.filter(({ method }) => method !== "X" && method !== "Y");
  return row.commutes && written.length === 2 ? [written, written.toReversed()] : [written];
}

function candidate(row: Row, operands: readonly OperandForm[], size: 0 | 16 | 32): Candidate {
  return {
    row,
    operands,
    operandSize: row.namesByAddressSize ? 0 : size,
    addressSize: row.namesByAddressSize ? size : 0,
    needsMemorySize: needsMemorySize(row),
  };
}

/** Whether some row of the same mnemonic differs only in the size of the memory operand, and no register tells it. */
function needsMemorySize(row: Row): boolean {
  const memory = row.operands.find(({ method }) => takesMemory(method));
  if (memory === undefined || row.operands.some((form) => tellsSize(form, memory.type))) return false;
  return rows.some(
    (other) =>
      other.mnemonic === row.mnemonic &&
      other.operands.length === row.operands.length &&
      other.operands.some((form) => takesMemory(form.method) && form.type !== memory.type) &&
      other.operands.every((form, at) => form.method === row.operands[at]?.method),
  );
}

function tellsSize({ method, type }: OperandForm, memory: OperandType): boolean {
  return (method === "G" || method === "Z") && type === memory;
}

function ordered(list: readonly Candidate[]): Candidates {
  const shortest = list.toSorted((a, b) => lengthOf(a) - lengthOf(b));
  return { shortest, longest: shortest.toSorted((a, b) => immediateLength(b) - immediateLength(a)) };
}

/** Bytes without prefixes and displacement, at operand size 32. */
function lengthOf(candidate: Candidate): number {
  const { map, hasModrm } = candidate.row;
  return 1 + map + (hasModrm ? 1 : 0) + immediateLength(candidate);
}

function immediateLength({ operands }: Candidate): number {
  return operands.reduce((sum, { method, type }) => sum + (method === "I" ? (immediateLengths[type] ?? 0) : 0), 0);
}
