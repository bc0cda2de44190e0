import { i, type Line } from "../../../test/assemble.ts";
import type { Random } from "../../random.ts";
import { make, type PrivilegedCase } from "../case.ts";
import { data, descriptorWords, gateWords, gdt, idt, selector, table, target, tss } from "../world.ts";
import { cr4, levels, rings, UD2, word } from "./parts.ts";

/** Entry into virtual-8086 mode, and the way out by a fault. */
export function virtual8086(random: Random): PrivilegedCase[] {
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
export function virtualInterrupts(random: Random): PrivilegedCase[] {
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
export function protectedVirtualInterrupts(random: Random): PrivilegedCase[] {
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
