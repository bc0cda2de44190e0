import { i, m, r, type Line } from "../../../test/assemble.ts";
import type { Random } from "../../random.ts";
import { make, type PrivilegedCase } from "../case.ts";
import { code, data, selector, table } from "../world.ts";
import { cr4, read } from "./parts.ts";

/** Breakpoints of the debug registers, and single steps, over a few instructions. */
export function breakpoints(random: Random): PrivilegedCase[] {
  const cases: PrivilegedCase[] = [];
  const programs: readonly (readonly [string, (address: number) => Line[]])[] = [
    ["read", (address) => [...read(address), ["inc", r("ecx")], ["inc", r("ecx")]]],
    [
      "write",
      (address) => [
        ["mov", m({ displacement: address }), r("ebx")],
        ["inc", r("ecx")],
        ["inc", r("ecx")],
      ],
    ],
    [
      "word",
      (address) => [
        ["mov", m({ displacement: address, size: 16 }), r("bx")],
        ["inc", r("ecx")],
      ],
    ],
    [
      "byte",
      (address) => [
        ["mov", m({ displacement: address, size: 8 }), r("bl")],
        ["inc", r("ecx")],
      ],
    ],
    [
      "update",
      (address) => [
        ["add", m({ displacement: address }), r("ebx")],
        ["inc", r("ecx")],
      ],
    ],
    [
      "stos",
      () => [
        [0xf3, 0xab],
        ["inc", r("edx")],
      ],
    ],
    [
      "movs",
      () => [
        ["mov", r("esi"), i(data + 0x100)],
        [0xf3, 0xa5],
        ["inc", r("edx")],
      ],
    ],
    ["nops", () => [["nop"], ["inc", r("ecx")], ["nop"], ["inc", r("ecx")]]],
    ["branch", () => [["inc", r("edx")], ["dec", r("ecx")], [0x75, 0xfc], ["nop"]]],
    ["pushf", () => [["pushf"], ["pop", r("edx")], ["inc", r("ecx")]]],
    ["int3", () => [["inc", r("edx")], ["int3"]]],
    [
      "mov ss",
      () => [
        ["mov", r("edx"), r("ss")],
        ["mov", r("ss"), r("edx")],
        ["inc", r("ecx")],
        ["inc", r("ecx")],
      ],
    ],
    ["icebp", () => [["inc", r("edx")], [0xf1], ["nop"]]],
    [
      "out",
      () => [
        ["out", i(0x80), r("al")],
        ["inc", r("edx")],
        ["inc", r("edx")],
      ],
    ],
    [
      "mov dr",
      () => [
        ["mov", r("edx"), r("dr1")],
        ["mov", r("dr1"), r("edx")],
        ["inc", r("ecx")],
      ],
    ],
  ];
  for (const [name, program] of programs) {
    for (let count = 0; count < 24; count++) {
      const place = data + 0x40;
      const address = place + random.below(9) - 4;
      const onCode = random.chance(2) && !["read", "write", "word", "byte", "update", "stos"].includes(name);
      const first = name === "out" && random.chance(2) ? 0x80 : onCode ? code + random.below(6) : place;
      const kind = first === 0x80 ? 2 : onCode ? 0 : random.pick([1, 3, 3]);
      const length = kind === 0 ? 0 : random.pick([0, 1, 3]);
      const second = random.chance(3) ? random.pick([code + random.below(5), code + 1]) : 0;
      const detect = name === "mov dr" && random.chance(2) ? 0x2000 : 0;
      const control = 0x402 | detect | (kind << 16) | (length << 18) | (second === 0 ? 0 : 8);
      const ring = name === "mov dr" || name === "mov ss" || name === "out" ? 0 : random.pick([0, 3] as const);
      // Bochs forgets RF between iterations and at general detect, and then reports a single step that did not happen.
      const plain = name === "stos" || name === "movs" || detect !== 0;
      const eflags = 2 | (!plain && random.chance(3) ? 0x100 : 0) | (!plain && random.chance(3) ? 0x10000 : 0);
      cases.push(
        make(
          `debug ${name} at ${first.toString(16)} kind ${kind} length ${length} flags ${eflags.toString(16)} ring ${ring}`,
          program(address),
          {
            ring,
            eflags,
            edi: data + 0x40 - random.below(3) * 4,
            registers: [7, 3, 0, 5],
            debug: [first, second, control],
            cr4: cr4.PSE | (kind === 2 && random.chance(4) ? 0 : cr4.DE),
          },
        ),
      );
    }
  }
  return cases;
}

/** Alignment checks: sizes, addresses, ring, AM and AC. */
export function alignments(random: Random): PrivilegedCase[] {
  const cases: PrivilegedCase[] = [];
  const programs: readonly (readonly [string, (address: number) => Line[]])[] = [
    ["byte", (address) => [["mov", r("bl"), m({ displacement: address, size: 8 })]]],
    ["word", (address) => [["mov", r("bx"), m({ displacement: address, size: 16 })]]],
    ["dword", (address) => [["mov", r("ebx"), m({ displacement: address })]]],
    ["store", (address) => [["mov", m({ displacement: address }), r("ebx")]]],
    ["update", (address) => [["add", m({ displacement: address, size: 16 }), r("bx")]]],
    ["cmpxchg8b", (address) => [["cmpxchg8b", m({ displacement: address, size: 64 })]]],
    [
      "push",
      (address) => [
        ["mov", r("esp"), i(address + 0x100)],
        ["push", r("eax")],
      ],
    ],
    [
      "call",
      (address) => [
        ["mov", r("esp"), i(address + 0x100)],
        [0xe8, 0, 0, 0, 0],
      ],
    ],
    ["movs", (address) => [["mov", r("esi"), i(address)], [0xa5]]],
    ["sidt", (address) => [[0x0f, 0x01, 0x0d, address & 0xff, (address >>> 8) & 0xff, (address >>> 16) & 0xff, 0]]],
    ["lss", (address) => [[0x0f, 0xb2, 0x1d, address & 0xff, (address >>> 8) & 0xff, (address >>> 16) & 0xff, 0]]],
    ["pusha", (address) => [["mov", r("esp"), i(address + 0x100)], ["pusha"]]],
  ];
  for (const [name, program] of programs) {
    for (let count = 0; count < 16; count++) {
      const ring = random.chance(4) ? 0 : 3;
      const eflags = 2 | (random.chance(5) ? 0 : 0x40000);
      // SIDT of two different machines differs in what it stores, not here: both use the world's table.
      const address = data + 0x80 + random.below(9);
      const alignment = !random.chance(5);
      // In what order the parts of an operand are read is nobody's business: the page has been accessed.
      const pokes: (readonly [number, number])[] = [[table + (data >>> 12) * 4, data | 0x67]];
      if (name === "lss") pokes.push([address, data + 0x800], [address + 4, ring === 3 ? selector.data3 : selector.data0]);
      cases.push(
        make(`alignment ${name} ${address & 15} ring ${ring} flags ${eflags} am ${alignment}`, program(address), {
          ring,
          eflags,
          alignment,
          pokes,
          edi: data + 0x200 + random.below(4),
        }),
      );
    }
  }
  return cases;
}
