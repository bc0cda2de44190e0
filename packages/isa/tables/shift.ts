/** Shifts and rotates. Counts are taken modulo 32, and a count of 0 leaves the flags as they are (SDM 2B "SAL/SAR/SHL/SHR"). */
import { type Attributes, type Form, section } from "../src/form.ts";
import type { Mnemonic } from "./mnemonic.ts";

/** Flags by one and by any other count: OF is defined for single shifts only. */
interface Effects {
  readonly byOne: Attributes;
  readonly byCount: Attributes;
}

const SHIFT: Effects = {
  byOne: { writes: "OSZPC", undefines: "A" },
  byCount: { writes: "SZPC", undefines: "OA", mayStay: true },
};
const ROTATE: Effects = { byOne: { writes: "OC" }, byCount: { writes: "C", undefines: "O", mayStay: true } };
const ROTATE_THROUGH_CARRY: Effects = {
  byOne: { ...ROTATE.byOne, reads: "C" },
  byCount: { ...ROTATE.byCount, reads: "C" },
};

function group(manual: string, mnemonic: Mnemonic, digit: number, effects: Effects, common: Attributes = {}): readonly Form[] {
  return section(manual, common, [
    [mnemonic, `D0 /${digit}`, "Eb,1", effects.byOne],
    [mnemonic, `D1 /${digit}`, "Ev,1", effects.byOne],
    [mnemonic, `D2 /${digit}`, "Eb,CL", effects.byCount],
    [mnemonic, `D3 /${digit}`, "Ev,CL", effects.byCount],
    [mnemonic, `C0 /${digit}`, "Eb,Ib", { ...effects.byCount, feature: "i186" }],
    [mnemonic, `C1 /${digit}`, "Ev,Ib", { ...effects.byCount, feature: "i186" }],
  ]);
}

export const shift: readonly Form[] = [
  ...group("RCL/RCR/ROL/ROR", "rol", 0, ROTATE),
  ...group("RCL/RCR/ROL/ROR", "ror", 1, ROTATE),
  ...group("RCL/RCR/ROL/ROR", "rcl", 2, ROTATE_THROUGH_CARRY),
  ...group("RCL/RCR/ROL/ROR", "rcr", 3, ROTATE_THROUGH_CARRY),
  ...group("SAL/SAR/SHL/SHR", "shl", 4, SHIFT),
  ...group("SAL/SAR/SHL/SHR", "shr", 5, SHIFT),
  ...group("SAL/SAR/SHL/SHR", "shl", 6, SHIFT, { alias: true, undocumented: true }),
  ...group("SAL/SAR/SHL/SHR", "sar", 7, SHIFT),
  ...section("SHLD", { ...SHIFT.byCount, feature: "i386" }, [
    ["shld", "0F A4 /r", "Ev,Gv,Ib"],
    ["shld", "0F A5 /r", "Ev,Gv,CL"],
  ]),
  ...section("SHRD", { ...SHIFT.byCount, feature: "i386" }, [
    ["shrd", "0F AC /r", "Ev,Gv,Ib"],
    ["shrd", "0F AD /r", "Ev,Gv,CL"],
  ]),
];
