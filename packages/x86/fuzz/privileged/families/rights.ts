import { i, m, r, type Line } from "../../../test/assemble.ts";
import type { Random } from "../../random.ts";
import { make, type PrivilegedCase } from "../case.ts";
import { data, descriptorWords, selector, table } from "../world.ts";
import { BIG, levels, poke, rings } from "./parts.ts";

export function limits(random: Random): PrivilegedCase[] {
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

export function pages(random: Random): PrivilegedCase[] {
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
export function privileges(random: Random): PrivilegedCase[] {
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
