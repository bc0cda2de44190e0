import type { Instruction, Reg, Touched } from "./mir.ts";

function touchedBy(instruction: Instruction): Touched {
  const known = instruction.touched;
  if (known?.operands === instruction.operands) return known;
  const fresh = computeTouched(instruction);
  instruction.touched = fresh;
  return fresh;
}

function computeTouched({ operands, roles, reads, writes }: Instruction): Touched {
  const uses = [...reads];
  const definitions = [...writes];
  for (let position = 0; position < operands.length; position++) {
    const operand = operands[position];
    const role = roles[position];
    if (operand?.kind === "register") {
      if (role !== "write") uses.push(operand.reg);
      if (role === "write" || role === "modify") definitions.push(operand.reg);
    } else if (operand?.kind === "memory") {
      if (operand.base !== null) uses.push(operand.base);
      if (operand.index !== null) uses.push(operand.index);
    }
  }
  return { operands, uses, definitions };
}

/** Registers that an instruction reads: operands, addresses, and what it uses unasked. */
export function usesOf(instruction: Instruction): readonly Reg[] {
  return touchedBy(instruction).uses;
}

/** Registers that an instruction changes. */
export function definitionsOf(instruction: Instruction): readonly Reg[] {
  return touchedBy(instruction).definitions;
}

/** A set of small numbers. */
export class BitSet {
  readonly words: Uint32Array;
  constructor(size: number) {
    this.words = new Uint32Array((size + 31) >>> 5);
  }
  add(value: number): void {
    this.words[value >>> 5] = (this.words[value >>> 5] ?? 0) | (1 << (value & 31));
  }
  remove(value: number): void {
    this.words[value >>> 5] = (this.words[value >>> 5] ?? 0) & ~(1 << (value & 31));
  }
  has(value: number): boolean {
    return (((this.words[value >>> 5] ?? 0) >>> (value & 31)) & 1) === 1;
  }
  copyFrom(other: BitSet): void {
    this.words.set(other.words);
  }
  /** Adds all of `other` except what `without` holds; true when anything was new. */
  addAll(other: BitSet, without?: BitSet): boolean {
    let changed = 0;
    for (let index = 0; index < this.words.length; index++) {
      const old = this.words[index] ?? 0;
      const added = (other.words[index] ?? 0) & ~(without?.words[index] ?? 0);
      this.words[index] = old | added;
      changed |= added & ~old;
    }
    return changed !== 0;
  }
  forEach(visit: (value: number) => void): void {
    for (let index = 0; index < this.words.length; index++) {
      for (let word = this.words[index] ?? 0; word !== 0; word &= word - 1) visit((index << 5) + 31 - Math.clz32(word & -word));
    }
  }
}

/** A run of instructions that is entered at its first and left at its last. */
export interface Block {
  readonly first: number;
  /** Index behind the last instruction. */
  readonly end: number;
  readonly successors: number[];
  readonly liveIn: BitSet;
  readonly liveOut: BitSet;
}

/** True when control does not reach the next instruction. */
export function endsFlow(instruction: Instruction): boolean {
  const { mnemonic } = instruction;
  return mnemonic === "jmp" || mnemonic === "ret" || mnemonic === "ud2" || mnemonic === "jumpTable";
}

function branches(instruction: Instruction): boolean {
  return endsFlow(instruction) || (instruction.target >= 0 && instruction.mnemonic !== "label");
}

/** Splits the code at labels and jumps; successors are block indices. */
export function blocksOf(instructions: readonly Instruction[], registers: number): Block[] {
  const starts = [0];
  instructions.forEach((instruction, index) => {
    const previous = instructions[index - 1];
    if (index > 0 && (instruction.mnemonic === "label" || (previous && branches(previous)))) starts.push(index);
  });
  const unique = [...new Set(starts)];
  const blocks = unique.map((first, index): Block => ({
    first,
    end: unique[index + 1] ?? instructions.length,
    successors: [],
    liveIn: new BitSet(registers),
    liveOut: new BitSet(registers),
  }));
  connect(blocks, instructions);
  return blocks;
}

function connect(blocks: readonly Block[], instructions: readonly Instruction[]): void {
  const byLabel = new Map<number, number>();
  blocks.forEach((block, index) => {
    const first = instructions[block.first];
    if (first?.mnemonic === "label") byLabel.set(first.target, index);
  });
  blocks.forEach((block, index) => {
    const last = instructions[block.end - 1];
    if (!last) return;
    if (!endsFlow(last) && index + 1 < blocks.length) block.successors.push(index + 1);
    for (const target of last.mnemonic === "label" ? [] : [last.target, ...last.targets]) {
      const successor = byLabel.get(target);
      if (successor !== undefined) block.successors.push(successor);
    }
  });
}

/** Blocks with the registers that are live at their borders. */
export function liveness(instructions: readonly Instruction[], registers: number): Block[] {
  const blocks = blocksOf(instructions, registers);
  const summaries = blocks.map((block) => summary(instructions, block, registers));
  let changed = true;
  while (changed) {
    changed = false;
    for (let index = blocks.length - 1; index >= 0; index--) {
      const block = blocks[index];
      const own = summaries[index];
      if (!block || !own) continue;
      for (const successor of block.successors) {
        const next = blocks[successor];
        if (next) block.liveOut.addAll(next.liveIn);
      }
      if (block.liveIn.addAll(block.liveOut, own.defined)) changed = true;
    }
  }
  return blocks;
}

/** Puts what a block reads before it writes into its `liveIn`; returns what it writes. */
function summary(instructions: readonly Instruction[], block: Block, registers: number): { defined: BitSet } {
  const defined = new BitSet(registers);
  for (let index = block.first; index < block.end; index++) {
    const instruction = instructions[index];
    if (!instruction) continue;
    for (const reg of usesOf(instruction)) if (!defined.has(reg)) block.liveIn.add(reg);
    for (const reg of definitionsOf(instruction)) defined.add(reg);
  }
  return { defined };
}

/**
 * Walks a block backward; `visit` gets each instruction with what is live behind it, before that set is stepped over it. An instruction for
 * which it returns `true` is taken as not there.
 */
export function walkBackward(
  instructions: readonly Instruction[],
  block: Block,
  live: BitSet,
  visit: (instruction: Instruction, live: BitSet) => boolean | void,
): void {
  live.copyFrom(block.liveOut);
  for (let index = block.end - 1; index >= block.first; index--) {
    const instruction = instructions[index];
    if (!instruction || visit(instruction, live) === true) continue;
    for (const reg of definitionsOf(instruction)) live.remove(reg);
    for (const reg of usesOf(instruction)) live.add(reg);
  }
}
