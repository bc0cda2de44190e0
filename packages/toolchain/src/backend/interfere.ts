import { BitSet, definitionsOf, liveness, usesOf, walkBackward } from "./liveness.ts";
import { ebp, edi, esi, firstVirtual, isVirtual, type Instruction, type MirFunction, type Operand, type Reg } from "./mir.ts";

/** A move between registers, which vanishes when both get the same one. */
export interface Move {
  readonly to: Reg;
  readonly from: Reg;
  readonly weight: number;
}

/** Registers that may not share one place (Chaitin 1982): one is written while the other is live with another value. */
export class InterferenceGraph {
  /** Cost of keeping a register in memory: accesses, weighted by loop depth. */
  readonly cost: Float64Array;
  readonly moves: Move[] = [];
  private readonly size: number;
  /** One bit per pair of registers. */
  private readonly matrix: Uint32Array;
  /** Neighbours by register; those that were merged into others are skipped when read. */
  private readonly lists: Reg[][];
  private readonly degrees: Int32Array;
  private readonly alias: Int32Array;

  constructor(registers: number) {
    this.size = registers;
    this.matrix = new Uint32Array((registers * registers + 31) >>> 5);
    this.lists = Array.from({ length: registers }, () => []);
    this.degrees = new Int32Array(registers);
    this.cost = new Float64Array(registers);
    this.alias = Int32Array.from({ length: registers }, (_, reg) => reg);
  }

  /** The register that stands for `reg` after coalescing. */
  find(reg: Reg): Reg {
    let root = reg;
    while (this.alias[root] !== root) root = this.alias[root] ?? root;
    for (let at = reg; at !== root;) {
      const next = this.alias[at] ?? root;
      this.alias[at] = root;
      at = next;
    }
    return root;
  }

  neighbours(reg: Reg): readonly Reg[] {
    const list = this.lists[reg] ?? [];
    if (list.length === this.degree(reg)) return list;
    const current = list.filter((other) => this.alias[other] === other);
    this.lists[reg] = current;
    return current;
  }

  degree(reg: Reg): number {
    return this.degrees[reg] ?? 0;
  }

  interfere(a: Reg, b: Reg): boolean {
    const bit = a * this.size + b;
    return (((this.matrix[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1;
  }

  connect(a: Reg, b: Reg): void {
    if (a === b || this.interfere(a, b)) return;
    this.mark(a, b);
    this.mark(b, a);
  }

  private mark(a: Reg, b: Reg): void {
    const bit = a * this.size + b;
    this.matrix[bit >>> 5] = (this.matrix[bit >>> 5] ?? 0) | (1 << (bit & 31));
    this.lists[a]?.push(b);
    this.degrees[a] = this.degree(a) + 1;
  }

  /** Makes `gone` another name of `kept`; they must not interfere. */
  merge(kept: Reg, gone: Reg): void {
    const neighbours = this.neighbours(gone);
    this.alias[gone] = kept;
    for (const neighbour of neighbours) {
      this.degrees[neighbour] = this.degree(neighbour) - 1;
      this.connect(kept, neighbour);
    }
    this.lists[gone] = [];
    this.degrees[gone] = 0;
    this.cost[kept] = (this.cost[kept] ?? 0) + (this.cost[gone] ?? 0);
  }
}

/** Register-to-register copy: its target does not interfere with its source. */
export function copyOf(instruction: Instruction, operands: readonly Operand[] = instruction.operands): { to: Reg; from: Reg } | null {
  if (instruction.mnemonic !== "mov" || instruction.size !== 32) return null;
  const [to, from] = operands;
  return to?.kind === "register" && from?.kind === "register" ? { to: to.reg, from: from.reg } : null;
}

export function buildGraph(mir: MirFunction, colours: readonly Reg[]): InterferenceGraph {
  const graph = new InterferenceGraph(mir.registers);
  const live = new BitSet(mir.registers);
  for (const block of liveness(mir.instructions, mir.registers)) {
    walkBackward(mir.instructions, block, live, (instruction) => addInstruction(graph, instruction, live));
  }
  for (const reg of mir.byteRegisters) {
    if (isVirtual(reg)) for (const wide of colours.filter(hasNoByte)) graph.connect(reg, wide);
  }
  for (const reg of mir.unspillable) graph.cost[reg] = Infinity;
  for (let machine = 0; machine < firstVirtual; machine++) graph.cost[machine] = Infinity;
  return graph;
}

/** Without REX, the encodings of SPL, BPL, SIL and DIL mean AH to BH (SDM 2A table 2-2). */
function hasNoByte(reg: Reg): boolean {
  return reg === esi || reg === edi || reg === ebp;
}

function addInstruction(graph: InterferenceGraph, instruction: Instruction, live: BitSet): void {
  const copy = copyOf(instruction);
  const weight = 8 ** Math.min(instruction.loopDepth, 6);
  if (copy) graph.moves.push({ ...copy, weight });
  const definitions = definitionsOf(instruction);
  for (const definition of definitions) {
    graph.cost[definition] = (graph.cost[definition] ?? 0) + weight;
    live.forEach((other) => {
      if (other !== copy?.from) graph.connect(definition, other);
    });
    for (const other of definitions) graph.connect(definition, other);
  }
  for (const use of usesOf(instruction)) graph.cost[use] = (graph.cost[use] ?? 0) + weight;
}
