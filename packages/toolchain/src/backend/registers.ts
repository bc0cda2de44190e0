import { buildGraph, type InterferenceGraph, type Move } from "./interfere.ts";
import { eax, ebp, ebx, ecx, edi, edx, esi, esp, firstVirtual, isVirtual, type MirFunction, type Reg } from "./mir.ts";
import { rename, spill } from "./spill.ts";

/** How many of the callee-saved registers allocation may use. */
export type Homes = 0 | 1 | 2 | 3 | 4;

const scratch: readonly Reg[] = [eax, edx, ecx];
/** In order of use: ebx first, as it has a byte name. */
export const calleeSaved: readonly Reg[] = [ebx, esi, edi, ebp];

/** Rounds of colouring and spilling after which the instructions must be impossible to satisfy. */
const roundLimit = 40;

/**
 * Gives every virtual register a machine register or a slot of the frame, by graph colouring with conservative coalescing
 * (Chaitin 1982; Briggs, Cooper and Torczon 1994; George and Appel 1996). `mir` is rewritten in place; model.ts checks the result.
 */
export function allocate(mir: MirFunction, homes: Homes): void {
  const colours = [...scratch, ...calleeSaved.slice(0, homes)];
  for (let round = 0; round < roundLimit; round++) {
    const graph = buildGraph(mir, colours);
    coalesce(graph, colours);
    const { assigned, spilled } = colour(graph, mir, colours);
    if (spilled.length === 0) return rename(mir, (reg) => assigned.get(graph.find(reg)) ?? eax);
    spill(mir, graph, new Set(spilled));
  }
  throw new Error(`register allocation of ${mir.name} does not end: an instruction needs more registers than there are`);
}

function coalesce(graph: InterferenceGraph, colours: readonly Reg[]): void {
  const moves = [...graph.moves].sort((a, b) => b.weight - a.weight);
  let changed = true;
  while (changed) {
    changed = false;
    for (const move of moves) if (tryMerge(graph, move, colours)) changed = true;
  }
}

function tryMerge(graph: InterferenceGraph, move: Move, colours: readonly Reg[]): boolean {
  const a = graph.find(move.to);
  const b = graph.find(move.from);
  if (a === b || graph.interfere(a, b)) return false;
  const [kept, gone] = isVirtual(a) ? [b, a] : [a, b];
  if (!isVirtual(gone)) return false;
  if (!isVirtual(kept) && !colours.includes(kept)) return false;
  const safe = isVirtual(kept) ? briggs(graph, kept, gone, colours.length) : george(graph, kept, gone, colours.length);
  if (safe) graph.merge(kept, gone);
  return safe;
}

/** The merged register has fewer than k neighbours of significant degree, so it can still be simplified. */
function briggs(graph: InterferenceGraph, a: Reg, b: Reg, k: number): boolean {
  let significant = 0;
  for (const neighbour of graph.neighbours(a)) {
    const shared = graph.interfere(b, neighbour) ? 1 : 0;
    if (!isVirtual(neighbour) || graph.degree(neighbour) - shared >= k) significant++;
  }
  for (const neighbour of graph.neighbours(b)) {
    if (!graph.interfere(a, neighbour) && (!isVirtual(neighbour) || graph.degree(neighbour) >= k)) significant++;
  }
  return significant < k;
}

/** Every neighbour of the virtual register already conflicts with the machine register, or is easy to colour. */
function george(graph: InterferenceGraph, machine: Reg, reg: Reg, k: number): boolean {
  for (const neighbour of graph.neighbours(reg)) {
    if (isVirtual(neighbour) && graph.degree(neighbour) >= k && !graph.interfere(machine, neighbour)) return false;
  }
  return true;
}

interface Colouring {
  readonly assigned: Map<Reg, Reg>;
  readonly spilled: Reg[];
}

function colour(graph: InterferenceGraph, mir: MirFunction, colours: readonly Reg[]): Colouring {
  const assigned = new Map<Reg, Reg>();
  for (let machine = 0; machine < firstVirtual; machine++) assigned.set(machine, machine);
  const partners = movePartners(graph);
  const spilled: Reg[] = [];
  for (const reg of simplify(graph, mir, colours.length).reverse()) {
    const taken = new Set<Reg>([esp]);
    for (const neighbour of graph.neighbours(reg)) {
      const colourOfNeighbour = assigned.get(neighbour);
      if (colourOfNeighbour !== undefined) taken.add(colourOfNeighbour);
    }
    const free = colours.filter((candidate) => !taken.has(candidate));
    if (free.length === 0) spilled.push(reg);
    else assigned.set(reg, prefer(graph, free, partners.get(reg) ?? [], assigned));
  }
  return { assigned, spilled };
}

/** Registers that a register is moved to or from, dearest move first. */
function movePartners(graph: InterferenceGraph): Map<Reg, Reg[]> {
  const partners = new Map<Reg, Reg[]>();
  const add = (reg: Reg, partner: Reg): void => {
    const list = partners.get(reg);
    if (list) list.push(partner);
    else partners.set(reg, [partner]);
  };
  for (const move of [...graph.moves].sort((a, b) => b.weight - a.weight)) {
    const a = graph.find(move.to);
    const b = graph.find(move.from);
    if (a === b) continue;
    add(a, b);
    add(b, a);
  }
  return partners;
}

function prefer(graph: InterferenceGraph, free: readonly Reg[], partners: readonly Reg[], assigned: ReadonlyMap<Reg, Reg>): Reg {
  for (const partner of partners) {
    const colourOfPartner = assigned.get(partner);
    if (colourOfPartner !== undefined && free.includes(colourOfPartner)) return colourOfPartner;
  }
  // A partner that is coloured later may want a colour; avoid what its neighbours exclude anyway.
  for (const partner of partners) {
    if (assigned.has(partner)) continue;
    const both = free.find((candidate) => !graph.interfere(partner, candidate));
    if (both !== undefined) return both;
  }
  return free[0] ?? eax;
}

/** Order in which registers leave the graph; those that must be coloured first come last. */
function simplify(graph: InterferenceGraph, mir: MirFunction, k: number): Reg[] {
  const degrees = new Map<Reg, number>();
  for (let reg = firstVirtual; reg < mir.registers; reg++) {
    if (graph.find(reg) === reg && (graph.cost[reg] ?? 0) > 0) degrees.set(reg, graph.degree(reg));
  }
  const easy = [...degrees].filter(([, count]) => count < k).map(([reg]) => reg);
  const order: Reg[] = [];
  while (degrees.size > 0) {
    const reg = easy.pop() ?? cheapest(graph, degrees);
    if (!degrees.delete(reg)) continue;
    order.push(reg);
    for (const neighbour of graph.neighbours(reg)) {
      const count = degrees.get(neighbour);
      if (count === undefined) continue;
      degrees.set(neighbour, count - 1);
      if (count === k) easy.push(neighbour); // it has one less now
    }
  }
  return order;
}

/** The register that costs least in memory for the colours that it frees. */
function cheapest(graph: InterferenceGraph, degrees: ReadonlyMap<Reg, number>): Reg {
  let best = -1;
  let bestCost = Infinity;
  for (const [reg, count] of degrees) {
    const cost = (graph.cost[reg] ?? 0) / Math.max(count, 1);
    if (best < 0 || cost < bestCost) [best, bestCost] = [reg, cost];
  }
  return best;
}
