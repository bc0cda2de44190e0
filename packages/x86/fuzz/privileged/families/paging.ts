import { i, r, type Line } from "../../../test/assemble.ts";
import type { Random } from "../../random.ts";
import { make, type PrivilegedCase } from "../case.ts";
import { data, directory, paeDirectory, paePointers, paeTable } from "../world.ts";
import { cr4, fetch, read, rings, UD2, write } from "./parts.ts";

const LARGE = 0x80;

const NX = 1 << 31;

/** Where a page of 2 or 4 MB maps the world once more. */
const LARGE_LINEAR = 0x60_0000;

const LARGE_FRAME = 0x20_0000;

const HUGE_LINEAR = 0x1c0_0000;

const ways = { read, write, fetch } as const;

const wayNames = ["read", "write", "fetch"] as const;

/** PAE pages of 4 KB: rights of both levels, NX, reserved bits, by ring, WP and kind of access. */
export function paePages(random: Random): PrivilegedCase[] {
  const cases: PrivilegedCase[] = [];
  for (const ring of rings) {
    for (const way of wayNames) {
      for (let bits = 0; bits < 16; bits++) {
        for (const executeDisable of [false, true]) {
          const writeProtect = random.chance(2);
          const noExecute = !random.chance(4);
          const slot = paeTable + ((data >>> 12) & 0x1ff) * 8;
          const second = random.chance(4);
          const address = data + (second ? 0xffe : 0x10);
          const low = data | (bits & 7) | ((bits & 8) !== 0 ? 0x60 : 0);
          // Bits that are reserved wherever physical addresses have up to 40 bits.
          const reserved = random.chance(10) ? random.pick([0x100, 1 << 30, 0x8000]) : 0;
          const pokes: (readonly [number, number])[] = [
            [slot, low],
            [slot + 4, (executeDisable ? NX : 0) | reserved],
          ];
          if (way === "fetch" || !second) pokes.push([address, UD2]);
          // The world itself has to stay writable for ring 0, and free of reserved bits.
          if (random.chance(5)) pokes.push([paeDirectory + 8, paeTable | random.pick([3, 7, 0x23, 0x107])]);
          if (noExecute && random.chance(8)) pokes.push([paeDirectory + 12, NX]);
          const name = `pae page ${bits} ${way} nx ${executeDisable} enabled ${noExecute} wp ${writeProtect} ring ${ring}`;
          cases.push(
            make(name, ways[way](address), {
              ring,
              pokes,
              writeProtect,
              noExecute,
              cr3: paePointers,
              cr4: cr4.PAE,
              registers: [0, 0, 0, 5],
            }),
          );
        }
      }
    }
  }
  return cases;
}

/** Large pages: 2 MB with PAE, 4 MB with PSE, and reserved bits of both. */
export function largePages(random: Random): PrivilegedCase[] {
  const cases: PrivilegedCase[] = [];
  for (const ring of rings) {
    for (const way of wayNames) {
      for (let bits = 0; bits < 8; bits++) {
        const address = LARGE_LINEAR + data - LARGE_FRAME + 0x20;
        const odd = random.chance(6) ? random.pick([0x2000, 0x10_0000]) : 0;
        const pae: (readonly [number, number])[] = [
          [paeDirectory + (LARGE_LINEAR >>> 21) * 8, LARGE_FRAME | bits | LARGE | odd],
          [paeDirectory + (LARGE_LINEAR >>> 21) * 8 + 4, random.chance(3) ? NX : random.chance(8) ? 0x400 : 0],
          [data + 0x20, UD2],
        ];
        const writeProtect = random.chance(2);
        const parts = { ring, writeProtect, noExecute: random.chance(2), registers: [0, 0, 0, 5] as const };
        cases.push(make(`2 MB ${bits} ${way} ring ${ring}`, ways[way](address), { ...parts, pokes: pae, cr3: paePointers, cr4: cr4.PAE }));
        const pse: (readonly [number, number])[] = [
          [directory + (HUGE_LINEAR >>> 22) * 4, bits | LARGE | (random.chance(6) ? 0x20_0000 : 0)],
          [data + 0x20, UD2],
        ];
        cases.push(
          make(`4 MB ${bits} ${way} ring ${ring}`, ways[way](HUGE_LINEAR + data + 0x20), {
            ...parts,
            pokes: pse,
            cr4: random.chance(8) ? 0 : cr4.PSE,
          }),
        );
      }
    }
  }
  return cases;
}

/** Loads of CR0, CR3, CR4 and EFER, good and bad, with and without PAE. */
export function controls(random: Random): PrivilegedCase[] {
  const cases: PrivilegedCase[] = [];
  for (let count = 0; count < 80; count++) {
    const pae = random.chance(2);
    const pointer = random.pick([1, 0, 3, 5, 0x1e1, 0x21, 0x19, 0x201]);
    const high = random.pick([0, 0, 0, 0x100, NX, 0x10000]);
    const pokes: (readonly [number, number])[] = [
      [paePointers + 8, (paeDirectory & ~0xfff) | pointer],
      [paePointers + 12, high],
    ];
    const name = random.pick(["cr0", "cr3", "cr4"] as const);
    const value = {
      cr0: random.pick([0x80050031, 0x80010011, 0xa0010031, 0xc0010031, 0xe0010031, 0x80000030]),
      cr3: random.pick([pae ? paePointers : directory, (pae ? paePointers : directory) | 0x18]),
      cr4: random.pick(pae ? [0x20, 0xb0, 0xa0, 0x800, 0x2c] : [0x10, 0x90, 0x80, 0x800, 0x1c]),
    }[name];
    const lines: Line[] = [
      ["mov", r("eax"), i(value | 0)],
      ["mov", r(name), r("eax")],
      ["mov", r("ebx"), r(name)],
    ];
    // Without PAE in use these words are data.
    cases.push(
      make(`load ${name} ${value.toString(16)} pae ${pae} pointer ${pointer}`, lines, {
        pokes: pae && name === "cr3" ? pokes : [],
        cr3: pae ? paePointers : directory,
        cr4: pae ? cr4.PAE : cr4.PSE,
      }),
    );
  }
  return cases;
}
