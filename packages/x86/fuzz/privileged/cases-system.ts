import { i, m, r, type Line } from "../../test/assemble.ts";
import type { Random } from "../random.ts";
import { make, type PrivilegedCase } from "./case.ts";
import {
  code,
  data,
  directory,
  descriptorWords,
  gateWords,
  gdt,
  idt,
  paeDirectory,
  paePointers,
  paeTable,
  selector,
  table,
  target,
  tss,
} from "./world.ts";

const rings = [0, 1, 3] as const;
const levels = [0, 1, 2, 3] as const;
const cr4 = { VME: 1, PVI: 2, DE: 8, PSE: 0x10, PAE: 0x20 } as const;
const LARGE = 0x80;
const NX = 1 << 31;
/** Where a page of 2 or 4 MB maps the world once more. */
const LARGE_LINEAR = 0x60_0000;
const LARGE_FRAME = 0x20_0000;
const HUGE_LINEAR = 0x1c0_0000;
const UD2 = 0x0b0f;

const read = (address: number): Line[] => [["mov", r("ebx"), m({ displacement: address })]];
const write = (address: number): Line[] => [["add", m({ displacement: address }), r("ebx")]];
const fetch = (address: number): Line[] => [
  ["mov", r("ecx"), i(address)],
  ["jmp", r("ecx")],
];
const ways = { read, write, fetch } as const;
const wayNames = ["read", "write", "fetch"] as const;

/** PAE pages of 4 KB: rights of both levels, NX, reserved bits, by ring, WP and kind of access. */
function paePages(random: Random): PrivilegedCase[] {
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
function largePages(random: Random): PrivilegedCase[] {
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
function controls(random: Random): PrivilegedCase[] {
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

/** Breakpoints of the debug registers, and single steps, over a few instructions. */
function breakpoints(random: Random): PrivilegedCase[] {
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
function alignments(random: Random): PrivilegedCase[] {
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

/** Four bytes of a program, followed by UD2. */
function word(bytes: readonly number[], at: number): number {
  const all = [...bytes, 0x0f, 0x0b];
  return [0, 1, 2, 3].reduce((value, index) => value | ((all[at + index] ?? 0) << (index * 8)), 0);
}

const VIF = 1 << 19;
const VIP = 1 << 20;

/** Words on the program's stack, and vector 50h of its page 0. */
function images(name: string, top: number, image: number): (readonly [number, number])[] {
  if (name === "iretd")
    return [
      [top, 0x60],
      [top + 4, 0x1000],
      [top + 8, image],
    ];
  return [
    [data + 0x1000 + 0x140, 0x1000_0060],
    [top, name === "iret" ? 0x1000_0060 : image],
    [top + 4, image],
  ];
}

/** Virtual-8086 mode with CR4.VME: VIF, VIP and the redirection bitmap. */
function virtualInterrupts(random: Random): PrivilegedCase[] {
  const cases: PrivilegedCase[] = [];
  const programs: readonly (readonly [string, readonly number[]])[] = [
    ["cli", [0xfa]],
    ["sti", [0xfb]],
    ["pushf", [0x9c, 0x58]],
    ["pushfd", [0x66, 0x9c]],
    ["popf", [0x9d]],
    ["popfd", [0x66, 0x9d]],
    ["iret", [0xcf]],
    ["iretd", [0x66, 0xcf]],
    ["int", [0xcd, 0x50]],
    ["int3", [0xcc]],
  ];
  for (const [name, bytes] of programs) {
    for (const iopl of levels) {
      for (let again = 0; again < 4; again++) {
        const redirected = random.chance(2);
        const flags = 0x20002 | (iopl << 12) | random.pick([0, VIF, VIP, VIF, 0x200]);
        const frame = [0x1000, 0x1000, 0x1000, 0x1000, 0x1010, 0xfe0, flags, 0x1000, 0];
        const gate = gateWords(selector.code0, target, random.chance(2) ? 0xee : 0x8e);
        // The stack at 10100h + FE0h holds an image of flags for POPF, or IP, CS and flags for IRET.
        const top = data + 0x100 + 0xfe0;
        const image = random.pick([2, 0x202, 0x3202, 0x102, 0x46]);
        const pokes: (readonly [number, number])[] = [
          [table, (data + 0x1000) | 0x67],
          [table + 0x40, data | 0x67],
          [table + 0x44, (data + 0x1000) | 0x67],
          [data, word(bytes, 0)],
          [data + 0x60, UD2],
          ...images(name, top, image),
          [idt + 0x50 * 8, gate[0]],
          [idt + 0x50 * 8 + 4, gate[1]],
          // Room in the TSS for the bitmap.
          [gdt + selector.tss, descriptorWords(tss, 0x8a, 0x89, 0)[0]],
          // The I/O map of the TSS begins at 88h, the redirection bitmap 32 bytes before.
          [tss + 0x64, 0x880000],
          [tss + 0x68 + 8, redirected ? 0 : -1],
        ];
        cases.push(
          make(
            `vme ${name} iopl ${iopl} flags ${flags.toString(16)} image ${image} redirected ${redirected}`,
            [...frame.map((value): Line => ["push", i(value)]), ["iret"]],
            {
              pokes,
              cr4: cr4.PSE | cr4.VME,
              registers: [0x1000, 0, 0, 0],
            },
          ),
        );
      }
    }
  }
  return cases;
}

/** CLI and STI in ring 3 with CR4.PVI. */
function protectedVirtualInterrupts(random: Random): PrivilegedCase[] {
  const cases: PrivilegedCase[] = [];
  for (const line of [["cli"], ["sti"], ["pushf"], ["popf"]] as const satisfies readonly Line[]) {
    for (const ring of rings) {
      for (const iopl of levels) {
        const flags = 2 | (iopl << 12) | random.pick([0, VIF, VIP, 0x200]);
        const lines: Line[] = [["push", i(random.pick([2, 0x202]))], line, ["nop"]];
        cases.push(
          make(`pvi ${line[0]} ring ${ring} iopl ${iopl} flags ${flags.toString(16)}`, lines, {
            ring,
            eflags: flags,
            cr4: cr4.PSE | cr4.PVI,
          }),
        );
      }
    }
  }
  return cases;
}

/** Families of the system side: paging, debugging, alignment, virtual interrupts. */
export const systemFamilies: readonly ((random: Random) => PrivilegedCase[])[] = [
  paePages,
  largePages,
  controls,
  breakpoints,
  alignments,
  virtualInterrupts,
  protectedVirtualInterrupts,
];
