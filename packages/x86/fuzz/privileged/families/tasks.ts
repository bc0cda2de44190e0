import { far, i, type Line } from "../../../test/assemble.ts";
import type { Random } from "../../random.ts";
import { make, type PrivilegedCase } from "../case.ts";
import { descriptorWords, gateWords, idt, otherTss, SECOND, selector, target } from "../world.ts";
import { poke } from "./parts.ts";

/** Task switches with bad and good selectors in the new TSS, by jump, call and task gate. */
export function tasks(random: Random): PrivilegedCase[] {
  const cases: PrivilegedCase[] = [];
  const fields: readonly (readonly [string, number])[] = [
    ["es", 0x48],
    ["cs", 0x4c],
    ["ss", 0x50],
    ["ds", 0x54],
    ["fs", 0x58],
    ["ldt", 0x60],
    ["flags", 0x24],
    ["eip", 0x20],
  ];
  const values = [
    0,
    3,
    selector.code0,
    selector.data0,
    selector.data0 | 3,
    selector.data1,
    selector.data3,
    selector.code3,
    selector.tss,
    selector.ldt,
    0xfff8,
    0x14,
    SECOND,
  ] as const;
  for (const [name, offset] of fields) {
    for (const value of values) {
      const kind = random.pick(["jmpf", "callf", "int"] as const);
      const line: Line = kind === "int" ? ["int", i(0x50)] : [kind, far(random.chance(2) ? selector.other : selector.free, 0)];
      const gate = gateWords(selector.other, 0, 0x85);
      const content = name === "flags" ? random.pick([2, 0x3002, 0x202, 0x4002]) : name === "eip" ? target : value;
      const pokes: (readonly [number, number])[] = [
        [otherTss + offset, content],
        [idt + 0x50 * 8, gate[0]],
        [idt + 0x50 * 8 + 4, gate[1]],
        ...poke(selector.free, gate),
        ...poke(SECOND, descriptorWords(0, 0xfffff, random.pick([0x92, 0x12, 0x90, 0x98, 0xf2]), 0xc00000)),
      ];
      cases.push(make(`task ${kind} ${name} ${content}`, [line], { pokes, registers: [1, 2, 3, 4] }));
    }
  }
  for (const limit of [0x66, 0x67, 0x2b, 0x0])
    cases.push(
      make(`task limit ${limit}`, [["jmpf", far(selector.other, 0)]], {
        pokes: poke(selector.other, descriptorWords(otherTss, limit, 0x89, 0)),
      }),
    );
  cases.push(make("task and back", [["callf", far(selector.other, 0)]], { pokes: [[target, 0x0b0fcf]] }));
  cases.push(make("task with trap", [["jmpf", far(selector.other, 0)]], { pokes: [[otherTss + 0x64, 0x680001]] }));
  cases.push(
    make("task 16", [["callf", far(selector.other, 0)]], {
      pokes: [
        ...poke(selector.other, descriptorWords(otherTss, 0x2b, 0x81, 0)),
        [otherTss + 0x0e, target & 0xffff],
        [otherTss + 0x10, 2],
        [otherTss + 0x22, 0x080010],
        [otherTss + 0x26, 0x100010],
      ],
    }),
  );
  return cases;
}
