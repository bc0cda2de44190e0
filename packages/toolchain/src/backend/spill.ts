import { copyOf, type InterferenceGraph } from "./interfere.ts";
import { firstVirtual, inMemory, register, type Instruction, type MemoryOperand, type MirFunction, type Operand, type Reg } from "./mir.ts";
import { shapeOf } from "./shapes.ts";

/** Rewrites every register operand. */
export function rename(mir: MirFunction, to: (reg: Reg) => Reg): void {
  for (const instruction of mir.instructions) {
    instruction.operands = instruction.operands.map((operand) => renameOperand(operand, to));
  }
}

function renameOperand(operand: Operand, to: (reg: Reg) => Reg): Operand {
  if (operand.kind === "register") return register(to(operand.reg));
  if (operand.kind !== "memory") return operand;
  return { ...operand, base: operand.base === null ? null : to(operand.base), index: operand.index === null ? null : to(operand.index) };
}

/** Moves registers to slots of the frame: operands become memory where the instruction allows it, else a short reload. */
export function spill(mir: MirFunction, graph: InterferenceGraph, roots: ReadonlySet<Reg>): void {
  const slots = assignSlots(mir, graph, roots);
  const rewriter = new Rewriter(mir, (reg) => slots.get(graph.find(reg)));
  mir.instructions = mir.instructions.flatMap((instruction) => rewriter.rewrite(instruction));
}

/** Registers that do not interfere share a slot. */
function assignSlots(mir: MirFunction, graph: InterferenceGraph, roots: ReadonlySet<Reg>): Map<Reg, number> {
  const slots = new Map<Reg, number>();
  const first = mir.slots;
  for (const root of roots) {
    const taken = new Set<number>();
    for (const neighbour of graph.neighbours(root)) taken.add(slots.get(neighbour) ?? -1);
    let slot = first;
    while (taken.has(slot)) slot++;
    slots.set(root, slot);
    mir.slots = Math.max(mir.slots, slot + 1);
  }
  return slots;
}

class Rewriter {
  private readonly mir: MirFunction;
  private readonly slotOf: (reg: Reg) => number | undefined;

  constructor(mir: MirFunction, slotOf: (reg: Reg) => number | undefined) {
    this.mir = mir;
    this.slotOf = slotOf;
  }

  rewrite(instruction: Instruction): Instruction[] {
    if (this.copiesInPlace(instruction)) return [instruction];
    const before: Instruction[] = [];
    const after: Instruction[] = [];
    const reloads = new Map<Reg, Reg>();
    const place = this.memoryPosition(instruction);
    const operands = instruction.operands.map((operand, position): Operand => {
      if (operand.kind === "memory") return this.address(operand, instruction, before, reloads);
      if (operand.kind !== "register") return operand;
      const slot = this.slotOf(operand.reg);
      if (slot === undefined) return operand;
      if (position === place) return { kind: "slot", slot };
      return register(this.through(operand.reg, slot, position, instruction, before, after, reloads));
    });
    instruction.operands = operands;
    return [...before, instruction, ...after];
  }

  /** A copy between registers of one slot: stays for the model, costs no code. */
  private copiesInPlace(instruction: Instruction): boolean {
    const copy = copyOf(instruction);
    const slot = copy ? this.slotOf(copy.to) : undefined;
    if (!copy || slot === undefined || slot !== this.slotOf(copy.from)) return false;
    instruction.operands = [
      { kind: "slot", slot },
      { kind: "slot", slot },
    ];
    return true;
  }

  /** The operand that may become the instruction's one memory operand, or -1. */
  private memoryPosition(instruction: Instruction): number {
    if (instruction.operands.some(inMemory)) return -1;
    const allowed = shapeOf(instruction.mnemonic)?.memory ?? [];
    const candidates = allowed.filter((position) => this.isSpilled(instruction.operands[position]));
    // The destination first: it would cost a load and a store.
    return candidates.find((position) => !this.repeated(instruction, position)) ?? -1;
  }

  private isSpilled(operand: Operand | undefined): boolean {
    return operand?.kind === "register" && this.slotOf(operand.reg) !== undefined;
  }

  /** A register that stands twice in an instruction that changes it must be one place: reload it. */
  private repeated(instruction: Instruction, position: number): boolean {
    const operand = instruction.operands[position];
    if (operand?.kind !== "register") return false;
    const slot = this.slotOf(operand.reg);
    return instruction.operands.some(
      (other, index) =>
        index !== position && other.kind === "register" && this.slotOf(other.reg) === slot && instruction.roles[index] !== "read",
    );
  }

  private address(operand: MemoryOperand, instruction: Instruction, before: Instruction[], reloads: Map<Reg, Reg>): MemoryOperand {
    const reload = (reg: Reg | null): Reg | null => {
      const slot = reg === null ? undefined : this.slotOf(reg);
      return reg === null || slot === undefined ? reg : this.reload(reg, slot, instruction, before, reloads);
    };
    return { ...operand, base: reload(operand.base), index: reload(operand.index) };
  }

  private reload(reg: Reg, slot: number, instruction: Instruction, before: Instruction[], reloads: Map<Reg, Reg>): Reg {
    const known = reloads.get(reg);
    if (known !== undefined) return known;
    const temporary = this.temporary(reg);
    reloads.set(reg, temporary);
    before.push(move(instruction, register(temporary), { kind: "slot", slot }));
    return temporary;
  }

  /** A register operand through a temporary: loaded before, stored after, as its role asks. */
  private through(
    reg: Reg,
    slot: number,
    position: number,
    instruction: Instruction,
    before: Instruction[],
    after: Instruction[],
    reloads: Map<Reg, Reg>,
  ): Reg {
    const role = instruction.roles[position];
    const temporary = role === "write" ? this.temporary(reg) : this.reload(reg, slot, instruction, before, reloads);
    if (role !== "read") after.push(move(instruction, { kind: "slot", slot }, register(temporary)));
    return temporary;
  }

  private temporary(reg: Reg): Reg {
    const temporary = Math.max(this.mir.registers, firstVirtual);
    this.mir.registers = temporary + 1;
    this.mir.unspillable.add(temporary);
    if (this.mir.byteRegisters.has(reg)) this.mir.byteRegisters.add(temporary);
    return temporary;
  }
}

/** A move that belongs to `instruction`: same place in the source, same weight. */
function move(instruction: Instruction, to: Operand, from: Operand): Instruction {
  return {
    mnemonic: "mov",
    operands: [to, from],
    touched: null,
    original: null,
    roles: ["write", "read"],
    size: 32,
    reads: [],
    writes: [],
    flags: "none",
    stack: 0,
    lock: false,
    keep: false,
    target: -1,
    targets: [],
    symbol: null,
    bytes: null,
    relocations: [],
    site: null,
    flagsOf: null,
    loopDepth: instruction.loopDepth,
    at: instruction.at,
  };
}
