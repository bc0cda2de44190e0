import { assemble, type Line } from "../../test/assemble.ts";
import { directory, selector, target, world } from "./world.ts";

/** One case: words stored into the world, then code in a ring. */
export interface PrivilegedCase {
  readonly name: string;
  readonly ring: 0 | 1 | 3;
  readonly pokes: readonly (readonly [number, number])[];
  readonly lines: readonly Line[];
  readonly eflags: number;
  /** EAX ECX EDX EBX. */
  readonly registers: readonly [number, number, number, number];
  readonly edi: number;
  readonly writeProtect: boolean;
  readonly alignment: boolean;
  readonly cr3: number;
  readonly cr4: number;
  readonly noExecute: boolean;
  /** DR0, DR1, DR7. */
  readonly debug: readonly [number, number, number];
}

const UD: Line = ["ud2"];
const PSE = 0x10;

export type Parts = Partial<Omit<PrivilegedCase, "name" | "lines">>;

/** A case that ends with UD2, when it comes to an end. */
export function make(name: string, lines: readonly Line[], parts: Parts = {}): PrivilegedCase {
  const ordinary = {
    ring: 0 as const,
    eflags: 2,
    registers: [0, 0, 0, 0] as const,
    edi: 0,
    writeProtect: true,
    alignment: false,
    cr3: directory,
    cr4: PSE,
    noExecute: false,
    debug: [0, 0, 0] as const,
  };
  // 16-bit gates lead to the low half of the target's address: UD2 there as well.
  const pokes = [...(parts.pokes ?? []), [target & 0xffff, 0x0b0f] as const];
  return { ...ordinary, ...parts, name, pokes, lines: [...lines, UD] };
}

/** Offsets in an encoded case, which driver.S knows too. */
const CASE_BYTES = 256;
const CODE = 152;
const CONTROLS = 216;
const MOST_POKES = 14;
/** PG, PE, ET and NE of CR0; WP and AM by case. */
const CR0 = 0x80000031;
const WP = 0x10000;
const AM = 0x40000;
const NXE = 0x800;

function encodeCase(out: DataView, at: number, one: PrivilegedCase): void {
  const bytes = assemble(one.lines);
  if (bytes.length > CONTROLS - CODE || one.pokes.length > MOST_POKES) throw new RangeError(`case ${one.name} is too large`);
  const data = one.ring === 3 ? selector.data3 : one.ring === 1 ? selector.data1 : selector.data0;
  const cr0 = CR0 | (one.writeProtect ? WP : 0) | (one.alignment ? AM : 0);
  const head = [cr0, one.ring, one.eflags, ...one.registers, data, data, one.pokes.length, ...one.pokes.flat()];
  const controls = [one.cr4, one.cr3, one.noExecute ? NXE : 0, ...one.debug, one.edi];
  for (const [index, value] of head.entries()) out.setInt32(at + index * 4, value, true);
  for (const [index, byte] of bytes.entries()) out.setUint8(at + CODE + index, byte);
  for (const [index, value] of controls.entries()) out.setInt32(at + CONTROLS + index * 4, value, true);
}

/** The multiboot module for driver.S. */
export function encodeCases(cases: readonly PrivilegedCase[]): Uint8Array {
  const module = new Uint8Array(8 + world.length + cases.length * CASE_BYTES);
  const view = new DataView(module.buffer);
  module.set([0x50, 0x52, 0x49, 0x56]);
  view.setInt32(4, cases.length, true);
  module.set(world, 8);
  for (const [index, one] of cases.entries()) encodeCase(view, 8 + world.length + index * CASE_BYTES, one);
  return module;
}
