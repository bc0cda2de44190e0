let state: u32 = 1;

export function seed(value: u32): void {
  state = value | 1;
}

/** Marsaglia's xorshift ("Xorshift RNGs", 2003; 13, 17, 5): every value but 0 before any comes again. */
export function random(): u32 {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

/** 0 to `bound` - 1. */
export function below(bound: u32): u32 {
  return (random() >> 4) % bound;
}

/** One time in `times`. */
export function oneIn(times: u32): bool {
  return below(times) == 0;
}
