import type { LinkedImage } from "../link/image.ts";
import type { CodeFunction, Relocation } from "../object.ts";

/** Stands for the function table: whoever calls through it may reach every function in it. */
const functionTable = "image.functionTable";

/**
 * Who names whom in an image, by functions and pieces of data. What a site names is left out: either body may stand there, and what the bodies
 * may do is the operation's matter.
 */
export class References {
  /** Unit by any of its names. */
  private readonly owners = new Map<string, string>();
  private readonly named = new Map<string, Set<string>>();
  private readonly naming = new Map<string, Set<string>>();

  constructor({ layout }: LinkedImage) {
    const units = layout.units.map(({ unit }) => unit);
    for (const { name, aliases, entries = [] } of units) {
      for (const each of [name, ...aliases, ...entries.map((entry) => entry.name)]) this.owners.set(each, name);
    }
    const object = layout.spec.program?.object;
    if (object !== undefined) this.owners.set(object.tableSymbol, functionTable);
    for (const unit of units) for (const { target } of outsideSites(unit)) this.add(unit.name, target);
    for (const target of object?.table ?? []) if (target !== null) this.add(functionTable, target);
  }

  /** The function or piece of data that defines a symbol; undefined for the linker's own. */
  ownerOf(symbol: string): string | undefined {
    return this.owners.get(symbol);
  }

  /** Who names a unit. */
  referrers(name: string): ReadonlySet<string> {
    return this.naming.get(name) ?? new Set();
  }

  /** Those of the units of `symbols`, and of what they lead to, that nothing else leads to. */
  onlyThrough(symbols: Iterable<string>): ReadonlySet<string> {
    const inside = this.reachable(symbols);
    const outsiders = (): string[] => [...inside].filter((name) => [...this.referrers(name)].some((from) => !inside.has(from)));
    for (let names = outsiders(); names.length > 0; names = outsiders()) for (const name of names) inside.delete(name);
    return inside;
  }

  /** The units of `symbols`, and everything that they lead to. */
  reachable(symbols: Iterable<string>): Set<string> {
    const reached = this.unitsOf(symbols);
    // A set's iteration goes on to what is added meanwhile.
    for (const name of reached) for (const next of this.named.get(name) ?? []) reached.add(next);
    return reached;
  }

  private unitsOf(symbols: Iterable<string>): Set<string> {
    return new Set([...symbols].map((symbol) => this.ownerOf(symbol)).filter((name) => name !== undefined));
  }

  private add(from: string, target: string): void {
    const to = this.owners.get(target);
    if (to === undefined) return;
    grow(this.named, from, to);
    grow(this.naming, to, from);
  }
}

function grow(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key) ?? new Set();
  map.set(key, set.add(value));
}

function outsideSites({ relocations, sites }: CodeFunction): readonly Relocation[] {
  return relocations.filter(({ offset }) => !sites.some((site) => offset >= site.offset && offset < site.offset + site.length));
}
