import { copyOf } from "./interfere.ts";
import { immediate, memory, register, type Instruction, type MemoryOperand, type Operand } from "./mir.ts";

/** Shortens allocated code where the flags that it leaves are not read. */
export function peephole(instructions: readonly Instruction[]): Instruction[] {
  const live = flagsLiveBehind(instructions);
  const result: Instruction[] = [];
  for (let index = 0; index < instructions.length; index++) {
    const instruction = instructions[index];
    if (!instruction) continue;
    const next = instructions[index + 1];
    const sum = next && !live[index + 1] ? sumOf(instruction, next) : null;
    if (sum) index++;
    result.push(sum ?? (live[index] ? instruction : zeroed(instruction)));
  }
  return result;
}

/** By index: whether the flags behind an instruction are read before they are written. They are dead at every label. */
function flagsLiveBehind(instructions: readonly Instruction[]): boolean[] {
  const live: boolean[] = [];
  let current = false;
  for (let index = instructions.length - 1; index >= 0; index--) {
    live[index] = current;
    const flags = instructions[index]?.flags ?? "none";
    if (flags !== "none") current = flags !== "write";
  }
  return live;
}

/** `mov r, 0` as `xor r, r`. */
function zeroed(instruction: Instruction): Instruction {
  const [target, source] = instruction.operands;
  if (instruction.mnemonic !== "mov" || instruction.size !== 32 || target?.kind !== "register") return instruction;
  if (source?.kind !== "immediate" || source.value !== 0 || source.symbol !== null) return instruction;
  return { ...instruction, mnemonic: "xor", operands: [target, register(target.reg)], roles: ["modify", "read"], flags: "write" };
}

/** `mov a, b; add a, c` as `lea a, [b + c]`. */
function sumOf(move: Instruction, next: Instruction): Instruction | null {
  const copy = copyOf(move);
  const [target, term] = next.operands;
  if (!copy || !term || target?.kind !== "register" || target.reg !== copy.to || next.size !== 32) return null;
  const address = addressOf(copy.from, copy.to, next.mnemonic, term);
  return address && { ...next, mnemonic: "lea", operands: [target, address], roles: ["write", "address"], flags: "none" };
}

function addressOf(base: number, target: number, mnemonic: string, term: Operand): MemoryOperand | null {
  if (term.kind === "immediate" && term.symbol === null) {
    if (mnemonic === "add") return memory(base, term.value);
    if (mnemonic === "sub") return memory(base, immediate(-term.value).value);
    if (mnemonic === "shl" && term.value === 1) return { ...memory(base), index: base };
    return null;
  }
  const other = mnemonic === "add" && term.kind === "register" && term.reg !== target;
  return other ? { ...memory(base), index: term.reg } : null;
}

/** Mnemonics that leave SF and ZF of the result in their first operand; the second set clears OF and CF besides, as TEST does. */
const settingSigns: ReadonlySet<string> = new Set(["add", "sub", "and", "or", "xor"]);
const settingAll: ReadonlySet<string> = new Set(["and", "or", "xor"]);

/** What a reader of TEST's flags becomes when OF and CF are unknown: after TEST, `l` is SF. */
const bySignAlone: ReadonlyMap<string, string> = new Map(
  ["j", "set", "cmov"].flatMap(
    (prefix) =>
      [
        [`${prefix}e`, `${prefix}e`],
        [`${prefix}ne`, `${prefix}ne`],
        [`${prefix}s`, `${prefix}s`],
        [`${prefix}ns`, `${prefix}ns`],
        [`${prefix}l`, `${prefix}s`],
        [`${prefix}ge`, `${prefix}ns`],
      ] as const,
  ),
);

/** Drops `test r, r` right behind the instruction that computed r, where its flags serve as well. */
export function dropTests(instructions: readonly Instruction[]): Instruction[] {
  const result = [...instructions];
  const dropped = new Set<number>();
  for (let index = 1; index < result.length; index++) {
    if (!repeatsFlags(result[index - 1], result[index])) continue;
    const readers = readersOf(result, index);
    const all = settingAll.has(result[index - 1]?.mnemonic ?? "");
    if (!all && !readers.every((reader) => bySignAlone.has(result[reader]?.mnemonic ?? ""))) continue;
    dropped.add(index);
    if (all) continue;
    for (const reader of readers) {
      const instruction = result[reader];
      if (instruction) result[reader] = { ...instruction, mnemonic: bySignAlone.get(instruction.mnemonic) ?? instruction.mnemonic };
    }
  }
  return result.filter((_, index) => !dropped.has(index));
}

function repeatsFlags(before: Instruction | undefined, test: Instruction | undefined): boolean {
  if (test?.mnemonic !== "test" || test.size !== 32 || before?.size !== 32 || !settingSigns.has(before.mnemonic)) return false;
  const [first, second] = test.operands;
  const [target] = before.operands;
  if (first?.kind !== "register" || second?.kind !== "register" || target?.kind !== "register") return false;
  return first.reg === second.reg && first.reg === target.reg;
}

/** Instructions that read the flags written at `index`; flags are dead at labels. */
function readersOf(instructions: readonly Instruction[], index: number): number[] {
  const readers: number[] = [];
  for (let at = index + 1; at < instructions.length; at++) {
    const instruction = instructions[at];
    if (!instruction || instruction.mnemonic === "label" || instruction.flags === "write") break;
    if (instruction.flags !== "none") readers.push(at);
    if (instruction.flags === "both") break;
  }
  return readers;
}
