/** A program's arguments and environment, as the kernel lays them on its stack: argc, argv, 0, envp, 0 (System V i386 ABI, figure 3-31). */
import { find, length } from "./text";

// @ts-ignore: decorator
@unmanaged export class Arguments {
  /** Number of arguments, the program's name included. */
  count: u32;
  /** Array of addresses, ended by 0. */
  values: usize;

  /** Argument `index`, or 0 beyond the last. */
  at(index: u32): usize {
    return index < this.count ? load<usize>(this.values + (<usize>index << 2)) : 0;
  }
}

const all: usize = memory.data(8);
let environmentStart: usize = 0;

/** Reads the initial stack. */
export function argumentsFrom(stack: usize): Arguments {
  const list = changetype<Arguments>(all);
  list.count = load<u32>(stack);
  list.values = stack + 4;
  environmentStart = stack + 4 + ((<usize>list.count + 1) << 2);
  return list;
}

/** The environment: an array of NAME=VALUE, ended by 0. */
export function environment(): usize {
  return environmentStart;
}

/** Value of a variable of the environment, or 0. */
export function environmentValue(name: usize): usize {
  const size = length(name);
  for (let at = environmentStart; load<usize>(at) != 0; at += 4) {
    const entry = load<usize>(at);
    const equals = find(entry, 0x3d);
    if (equals == 0 || <u32>(equals - entry) != size) continue;
    if (memory.compare(entry, name, size) == 0) return equals + 1;
  }
  return 0;
}

/** Whether an argument is an option: a dash and something after it. */
export function isOption(text: usize): bool {
  return text != 0 && load<u8>(text) == 0x2d && load<u8>(text + 1) != 0;
}

/**
 * Bits of the single-letter options before the first operand: bit n for letter n of `letters`. A letter that is not in it sets bit 31.
 * `first` receives the index of the first operand; `--` ends the options.
 */
export function options(list: Arguments, letters: usize, first: usize): u32 {
  let bits: u32 = 0;
  let index: u32 = 1;
  for (; isOption(list.at(index)); index++) {
    const text = list.at(index);
    if (load<u8>(text + 1) == 0x2d && load<u8>(text + 2) == 0) {
      index++;
      break;
    }
    for (let at = text + 1; load<u8>(at) != 0; at++) {
      const found = find(letters, load<u8>(at));
      bits |= found == 0 ? 0x80000000 : 1 << <u32>(found - letters);
    }
  }
  store<u32>(first, index);
  return bits;
}
