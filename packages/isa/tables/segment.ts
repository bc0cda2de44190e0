/** Segment registers. A load may fault on the descriptor, and code decoded for flat segments has to be looked at again. */
import { type Attributes, type Form, section } from "../src/form.ts";

const LOAD: Attributes = { sensitivity: "selector-load", flow: "state" };
const READ: Attributes = { sensitivity: "selector-read" };

export const segment: readonly Form[] = [
  ...section("MOV", {}, [
    // A register is written at the operand size, zero-extended since the P6; memory always takes a word.
    ["mov", "8C /r", "Rv,Sw", READ],
    ["mov", "8C /r", "Mw,Sw", READ],
    // MOV CS is #UD.
    ["mov", "8E /r", "Sw,Ew", { ...LOAD, absentRegisters: [1], anyWidth: true }],
  ]),
  ...section("PUSH", { ...READ, sized: true }, [
    ["push", "06", "ES"],
    ["push", "0E", "CS"],
    ["push", "16", "SS"],
    ["push", "1E", "DS"],
    ["push", "0F A0", "FS", { feature: "i386" }],
    ["push", "0F A8", "GS", { feature: "i386" }],
  ]),
  ...section("POP", { ...LOAD, sized: true }, [
    ["pop", "07", "ES"],
    ["pop", "17", "SS"],
    ["pop", "1F", "DS"],
    ["pop", "0F A1", "FS", { feature: "i386" }],
    ["pop", "0F A9", "GS", { feature: "i386" }],
  ]),
  ...section("LDS/LES/LFS/LGS/LSS", LOAD, [
    ["les", "C4 /r", "Gv,Mp"],
    ["lds", "C5 /r", "Gv,Mp"],
    ["lss", "0F B2 /r", "Gv,Mp", { feature: "i386" }],
    ["lfs", "0F B4 /r", "Gv,Mp", { feature: "i386" }],
    ["lgs", "0F B5 /r", "Gv,Mp", { feature: "i386" }],
  ]),
];
