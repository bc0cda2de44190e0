import { far, i, r, type Line } from "../../../test/assemble.ts";
import type { Random } from "../../random.ts";
import { make, type PrivilegedCase } from "../case.ts";
import { data, descriptorWords, gateWords, idt, ldt, otherTss, SECOND, selector, target, tss } from "../world.ts";
import { BIG, levels, poke, rings } from "./parts.ts";

/** A descriptor of any type: code and data flat or with a small limit, system types as gates to `target` or a TSS. */
function anyDescriptor(access: number): readonly [number, number] {
  const type = access & 0x1f;
  if ((type & 0x10) !== 0) return descriptorWords(0, 0xfffff, access, 0xc00000);
  if (type === 4 || type === 5 || type === 6 || type === 7 || type === 12 || type === 14 || type === 15)
    return gateWords(type === 5 ? selector.other : selector.code0, target, access);
  return descriptorWords(type === 2 ? ldt : otherTss, 0x67, access, 0);
}

export function segmentLoads(random: Random): PrivilegedCase[] {
  const cases: PrivilegedCase[] = [];
  const load: readonly (readonly [string, Line])[] = [
    ["ds", ["mov", r("ds"), r("eax")]],
    ["es", ["mov", r("es"), r("eax")]],
    ["ss", ["mov", r("ss"), r("eax")]],
    ["gs", ["mov", r("gs"), r("eax")]],
    ["lldt", ["lldt", r("ax")]],
    ["ltr", ["ltr", r("ax")]],
  ];
  const queries: readonly (readonly [string, Line])[] = [
    ["lar", ["lar", r("ebx"), r("eax")]],
    ["lsl", ["lsl", r("ebx"), r("eax")]],
    ["verr", ["verr", r("ax")]],
    ["verw", ["verw", r("ax")]],
  ];
  for (const ring of rings) {
    for (const [name, line] of [...load, ...queries]) {
      for (let type = 0; type < 32; type++) {
        const dpl = random.pick(levels);
        const rpl = random.pick(levels);
        const present = random.chance(6) ? 0 : 0x80;
        const value = selector.free | rpl | (random.chance(12) ? 4 : 0);
        const pokes = [
          ...poke(selector.free, anyDescriptor(type | (dpl << 5) | present)),
          ...poke(selector.free, anyDescriptor(type | (dpl << 5) | present), ldt),
        ];
        cases.push(
          make(`${name} type ${type} dpl ${dpl} rpl ${rpl} ring ${ring}`, [line], { ring, pokes, registers: [value, 0, 0, 0x55aa55aa] }),
        );
      }
      cases.push(make(`${name} null`, [line], { ring, registers: [random.below(4), 0, 0, 1] }));
      cases.push(make(`${name} beyond`, [line], { ring, registers: [0xfffb, 0, 0, 1] }));
    }
  }
  return cases;
}

export function farTransfers(random: Random): PrivilegedCase[] {
  const cases: PrivilegedCase[] = [];
  for (const ring of rings) {
    for (const kind of ["jmpf", "callf", "retf", "iret"] as const) {
      for (let type = 0; type < 32; type++) {
        for (let again = 0; again < 3; again++) {
          const dpl = random.pick(levels);
          const rpl = random.pick(levels);
          const present = random.chance(8) ? 0 : 0x80;
          const value = selector.free | rpl;
          const pokes = poke(selector.free, anyDescriptor(type | (dpl << 5) | present));
          cases.push(make(`${kind} type ${type} dpl ${dpl} rpl ${rpl} ring ${ring}`, transfer(kind, value, random), { ring, pokes }));
        }
      }
    }
  }
  return cases;
}

function transfer(kind: "jmpf" | "callf" | "retf" | "iret", value: number, random: Random): Line[] {
  if (kind === "jmpf" || kind === "callf") return [[kind, far(value, target)]];
  const stack = random.pick([selector.data3, selector.data1, selector.data0, selector.data3 & ~3, 0]);
  const flags = random.pick([0x2, 0x202, 0x3002, 0x3202, 0x10002, 0x40002]);
  const outer: Line[] = [
    ["push", i(stack)],
    ["push", i(data + 0x800)],
  ];
  if (kind === "iret") outer.push(["push", i(flags)]);
  return [...outer, ["push", i(value)], ["push", i(target)], [kind]];
}

export function gates(random: Random): PrivilegedCase[] {
  const cases: PrivilegedCase[] = [];
  for (const ring of rings) {
    for (let type = 0; type < 32; type++) {
      for (let again = 0; again < 3; again++) {
        const dpl = random.pick(levels);
        const present = random.chance(8) ? 0 : 0x80;
        const to = random.pick([
          selector.code0,
          selector.code1 & ~3,
          selector.code3 & ~3,
          selector.data0,
          SECOND,
          0,
          type === 5 ? selector.other : selector.code0,
        ]);
        const words = gateWords(to, target, type | (dpl << 5) | present);
        const conforming = descriptorWords(0, 0xfffff, random.pick([0x9f, 0xbf, 0xff, 0x1b, 0x9b]), 0xc00000);
        const pokes: (readonly [number, number])[] = [
          [idt + 0x50 * 8, words[0]],
          [idt + 0x50 * 8 + 4, words[1]],
          ...poke(SECOND, conforming),
        ];
        cases.push(
          make(`int type ${type} dpl ${dpl} to ${to} ring ${ring}`, [["int", i(0x50)]], {
            ring,
            pokes,
            eflags: random.pick([2, 0x202, 0x4002]),
          }),
        );
      }
    }
  }
  return cases;
}

/** What the TSS gives for an inner ring, good and bad. */
export function innerStacks(random: Random): PrivilegedCase[] {
  const cases: PrivilegedCase[] = [];
  for (let count = 0; count < 60; count++) {
    const ring = random.pick([1, 3] as const);
    const ss = random.pick([selector.data0, selector.data1, selector.data3, selector.code0, 0, 0xfff8, SECOND, selector.tss]);
    const access = random.pick([0x93, 0x91, 0x13, 0x97, 0xb3]);
    const pokes: (readonly [number, number])[] = [
      [tss + 8, ss],
      [tss + 4, random.pick([data + 0x1000, data + 8, 0x2])],
      ...poke(SECOND, descriptorWords(random.pick([0, data]), random.pick([0xfff, 0xfffff, 7]), access, random.pick([BIG, 0xc00000]))),
    ];
    cases.push(make(`inner stack ${ss} ring ${ring}`, [["ud2"]], { ring, pokes }));
  }
  return cases;
}
