import { far, i, m, r, type Line } from "../../test/assemble.ts";
import { Random } from "../random.ts";
import { make, type PrivilegedCase } from "./case.ts";
import { systemFamilies } from "./cases-system.ts";
import { data, descriptorWords, gateWords, gdt, idt, ldt, otherTss, SECOND, selector, table, target, tss } from "./world.ts";

const rings = [0, 1, 3] as const;
const levels = [0, 1, 2, 3] as const;
const BIG = 0x400000;

function poke(selected: number, words: readonly [number, number], base: number = gdt): (readonly [number, number])[] {
  const at = base + (selected & ~7);
  return [
    [at, words[0]],
    [at + 4, words[1]],
  ];
}

/** A descriptor of any type: code and data flat or with a small limit, system types as gates to `target` or a TSS. */
function anyDescriptor(access: number): readonly [number, number] {
  const type = access & 0x1f;
  if ((type & 0x10) !== 0) return descriptorWords(0, 0xfffff, access, 0xc00000);
  if (type === 4 || type === 5 || type === 6 || type === 7 || type === 12 || type === 14 || type === 15)
    return gateWords(type === 5 ? selector.other : selector.code0, target, access);
  return descriptorWords(type === 2 ? ldt : otherTss, 0x67, access, 0);
}

function segmentLoads(random: Random): PrivilegedCase[] {
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

function farTransfers(random: Random): PrivilegedCase[] {
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

function gates(random: Random): PrivilegedCase[] {
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

/** Entry into virtual-8086 mode, and the way out by a fault. */
function virtual8086(random: Random): PrivilegedCase[] {
  const programs: readonly (readonly [string, readonly number[]])[] = [
    ["ud2", []],
    ["cli", [0xfa]],
    ["sti", [0xfb]],
    ["pushf", [0x9c]],
    ["popf", [0x9d]],
    ["pushfd", [0x66, 0x9c]],
    ["iret", [0xcf]],
    ["int", [0xcd, 0x50]],
    ["int3", [0xcc]],
    ["into", [0xce]],
    ["hlt", [0xf4]],
    ["mov ds", [0x8e, 0xd8]],
    ["lldt", [0x0f, 0x00, 0xd0]],
    ["lgdt", [0x0f, 0x01, 0x16, 0, 0]],
    ["mov cr0", [0x0f, 0x20, 0xc0]],
    ["in", [0xe4, 0x80]],
    ["store", [0xa3, 0xff, 0xff]],
    ["push", [0x50]],
    ["far jump", [0xea, 0x00, 0x08, 0x70, 0x21]],
    ["arpl", [0x63, 0xc0]],
    ["smsw", [0x0f, 0x01, 0xe0]],
    ["clts", [0x0f, 0x06]],
  ];
  const cases: PrivilegedCase[] = [];
  for (const [name, bytes] of programs) {
    for (const iopl of levels) {
      // Linear 0x10000 to 0x1ffff is mapped to the page of data, so that paragraphs reach the program.
      const pokes: (readonly [number, number])[] = [
        [table + 0x40, data | 7],
        [table + 0x44, (data + 0x1000) | 7],
        [data, word(bytes, 0)],
        [data + 4, word(bytes, 4)],
      ];
      const gateOpen = random.chance(2) ? gateWords(selector.code0, target, 0xee) : gateWords(selector.code0, target, 0x8e);
      pokes.push([idt + 0x50 * 8, gateOpen[0]], [idt + 0x50 * 8 + 4, gateOpen[1]]);
      const frame = [
        0x1000,
        0x1001,
        0x1002,
        0x1003,
        0x1010,
        random.pick([0xfe, 0x200, 1]),
        0x20002 | (iopl << 12) | random.pick([0, 0x200, 0x800]),
        0x1000,
        0,
      ];
      cases.push(
        make(`vm86 ${name} iopl ${iopl}`, [...frame.map((value): Line => ["push", i(value)]), ["iret"]], {
          pokes,
          registers: [0x1000, 0, 0, 0],
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

/** Task switches with bad and good selectors in the new TSS, by jump, call and task gate. */
function tasks(random: Random): PrivilegedCase[] {
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

/** What the TSS gives for an inner ring, good and bad. */
function innerStacks(random: Random): PrivilegedCase[] {
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

function limits(random: Random): PrivilegedCase[] {
  const cases: PrivilegedCase[] = [];
  for (let count = 0; count < 240; count++) {
    const access = random.pick([0x93, 0x91, 0x97, 0x95, 0x9b, 0x99, 0x9f]);
    const big = random.pick([BIG, 0, 0xc00000, 0x800000]);
    const limit = (big & 0x800000) !== 0 ? random.below(2) : random.pick([0x3f, 0xfff, 0x100, 0xffff]);
    const end = (big & 0x800000) !== 0 ? limit * 4096 + 4096 : limit + 1;
    const offset = end + random.below(9) - 6;
    const size = random.pick([8, 16, 32] as const);
    const operand = m({ segment: "gs", displacement: offset, size });
    const register = r(size === 8 ? "bl" : size === 16 ? "bx" : "ebx");
    const line: Line = random.chance(2) ? ["mov", register, operand] : ["mov", operand, register];
    const pokes = poke(selector.free, descriptorWords(data, limit, access, big));
    cases.push(
      make(
        `limit ${limit.toString(16)} access ${access.toString(16)} offset ${offset.toString(16)} size ${size}`,
        [["mov", r("gs"), r("eax")], line],
        { pokes, registers: [selector.free, 0, 0, 0x77] },
      ),
    );
  }
  return cases;
}

function pages(random: Random): PrivilegedCase[] {
  const cases: PrivilegedCase[] = [];
  const slot = table + (data >>> 12) * 4;
  for (const ring of rings) {
    for (const writeProtect of [true, false]) {
      for (let bits = 0; bits < 8; bits++) {
        for (const write of [true, false]) {
          const operand = m({ displacement: data + random.pick([0x10, 0xffe]) });
          const line: Line = write ? ["add", operand, r("ebx")] : ["mov", r("ebx"), operand];
          cases.push(
            make(`page ${bits} write ${write} wp ${writeProtect} ring ${ring}`, [line], {
              ring,
              pokes: [[slot + random.pick([0, 4]), data | bits]],
              writeProtect,
              registers: [0, 0, 0, 5],
            }),
          );
        }
      }
    }
  }
  return cases;
}

/** Instructions that look at CPL or IOPL. */
function privileges(random: Random): PrivilegedCase[] {
  const cases: PrivilegedCase[] = [];
  const lines: readonly (readonly [string, readonly Line[]])[] = [
    ["cli", [["cli"]]],
    ["sti", [["sti"]]],
    ["clts", [["clts"]]],
    ["invlpg", [["invlpg", m({ displacement: data })]]],
    ["wbinvd", [["wbinvd"]]],
    ["mov cr0", [["mov", r("eax"), r("cr0")]]],
    ["mov cr3", [["mov", r("eax"), r("cr3")]]],
    ["mov cr4", [["mov", r("cr4"), r("ecx")]]],
    [
      "in",
      [
        ["in", r("al"), i(0x80)],
        ["mov", r("al"), i(0)],
      ],
    ],
    ["out", [["out", i(0x80), r("al")]]],
    ["pushf", [["pushf"], ["pop", r("eax")]]],
    ["popf", [["push", r("ecx")], ["popf"]]],
    [
      "popf16",
      [
        ["push", r("ecx")],
        [0x66, 0x9d],
      ],
    ],
    ["smsw", [["smsw", r("eax")]]],
    ["lmsw", [["lmsw", r("cx")]]],
    ["str", [["str", r("eax")]]],
    ["sldt", [["sldt", r("eax")]]],
    ["into", [["into"]]],
    ["int3", [["int3"]]],
    ["arpl", [["arpl", r("cx"), r("dx")]]],
    ["bound", [["bound", r("ecx"), m({ displacement: data, size: 64 })]]],
    ["sysenter", [["sysenter"]]],
    ["sysexit", [["sysexit"]]],
    ["lgdt", [["lgdt", { kind: "memory", displacement: data }]]],
    ["rdmsr", [["mov", r("ecx"), i(0x174)], ["rdmsr"]]],
  ];
  for (const [name, body] of lines) {
    for (const ring of rings) {
      for (const iopl of levels) {
        const image = random.pick([2, 0x202, 0x3002, 0x7202, 0x44002]);
        if (name === "lgdt" && ring === 0) continue;
        cases.push(
          make(`${name} ring ${ring} iopl ${iopl}`, body, {
            ring,
            eflags: 2 | (iopl << 12) | random.pick([0, 0x200, 0x801]),
            registers: [0x11, name === "mov cr4" ? 0x10 : name === "lmsw" ? 0xb : image, 3, 7],
          }),
        );
      }
    }
  }
  return cases;
}

/** Every case, in a fixed order. */
export function privilegedCases(): readonly PrivilegedCase[] {
  const random = new Random(2026);
  return [segmentLoads, farTransfers, gates, virtual8086, tasks, innerStacks, limits, pages, privileges, ...systemFamilies].flatMap(
    (family) => family(random),
  );
}
