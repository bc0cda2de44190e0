import { i, m, r, type Line } from "../../../test/assemble.ts";
import { gdt } from "../world.ts";

/** The rings that cases run in. */
export const rings = [0, 1, 3] as const;
/** Of descriptors, gates and IOPL. */
export const levels = [0, 1, 2, 3] as const;
/** D/B of a descriptor's second dword. */
export const BIG = 0x400000;
/** The instruction that ends a program, as a word. */
export const UD2 = 0x0b0f;

export const cr4 = { VME: 1, PVI: 2, DE: 8, PSE: 0x10, PAE: 0x20 } as const;

/** The words of a descriptor in its table. */
export function poke(selected: number, words: readonly [number, number], base: number = gdt): (readonly [number, number])[] {
  const at = base + (selected & ~7);
  return [
    [at, words[0]],
    [at + 4, words[1]],
  ];
}

/** Four bytes of a program, followed by UD2. */
export function word(bytes: readonly number[], at: number): number {
  const all = [...bytes, 0x0f, 0x0b];
  return [0, 1, 2, 3].reduce((value, index) => value | ((all[at + index] ?? 0) << (index * 8)), 0);
}

/** Ways to access an address. */
export const read = (address: number): Line[] => [["mov", r("ebx"), m({ displacement: address })]];

export const write = (address: number): Line[] => [["add", m({ displacement: address }), r("ebx")]];

export const fetch = (address: number): Line[] => [
  ["mov", r("ecx"), i(address)],
  ["jmp", r("ecx")],
];
