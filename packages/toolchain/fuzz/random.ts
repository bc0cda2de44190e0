/** A small seeded generator (mulberry32): the same seed gives the same program everywhere. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** 32 random bits. */
  bits(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** 0 to `limit` - 1. */
  below(limit: number): number {
    return this.bits() % limit;
  }

  /** From `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  }

  /** A 32-bit number that is likely to sit at an edge. */
  interesting32(): number {
    const kind = this.below(8);
    if (kind < 3)
      return this.pick([0, 1, -1, 2, 31, 32, 33, 63, 64, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 0x7fffffff, -0x80000000]);
    if (kind < 5) return this.between(-9, 9);
    return this.bits() >> this.below(32);
  }

  /** A 64-bit number that is likely to sit at an edge, signed. */
  interesting64(): bigint {
    if (this.chance(40)) return BigInt(this.interesting32());
    if (this.chance(30)) return BigInt.asIntN(64, 1n << BigInt(this.below(64)));
    return BigInt.asIntN(64, (BigInt(this.interesting32()) << 32n) | BigInt(this.bits()));
  }
}
