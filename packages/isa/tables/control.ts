/**
 * Control transfer: near and far branches, loops, software interrupts and their return.
 * With operand size 16 every near branch, short ones too, cuts EIP to 16 bits (SDM 2A "JMP"), hence `sized`.
 */
import { type Form, section } from "../src/form.ts";
import { conditionFlags, conditions } from "./condition.ts";

const hex = (byte: number): string => byte.toString(16).toUpperCase();
const SAVED_FLAGS = "OSZAPCTIDLNRVKFQU";

export const control: readonly Form[] = [
  ...conditions.flatMap(([name], number) =>
    section("Jcc", { reads: conditionFlags(number), flow: "conditional", sized: true }, [
      [`j${name}`, hex(0x70 + number), "Jb"],
      [`j${name}`, `0F ${hex(0x80 + number)}`, "Jz", { feature: "i386" }],
    ]),
  ),
  ...section("Jcc", { flow: "conditional", sized: true }, [
    ["jecxz", "E3", "Jb", { names: { 16: "jcxz", 32: "jecxz" }, namesByAddressSize: true }],
  ]),
  ...section("LOOP/LOOPcc", { flow: "conditional", sized: true }, [
    ["loopne", "E0", "Jb", { reads: "Z" }],
    ["loope", "E1", "Jb", { reads: "Z" }],
    ["loop", "E2", "Jb"],
  ]),
  ...section("JMP", { flow: "jump", sized: true }, [
    ["jmp", "EB", "Jb"],
    ["jmp", "E9", "Jz"],
    ["jmp", "FF /4", "Ev"],
  ]),
  ...section("JMP", { flow: "far", sensitivity: "far-transfer" }, [
    ["jmpf", "EA", "Ap"],
    ["jmpf", "FF /5", "Mp"],
  ]),
  ...section("CALL", { flow: "call" }, [
    ["call", "E8", "Jz"],
    ["call", "FF /2", "Ev"],
  ]),
  ...section("CALL", { flow: "far", sensitivity: "far-transfer" }, [
    ["callf", "9A", "Ap"],
    ["callf", "FF /3", "Mp"],
  ]),
  ...section("RET", { flow: "return", sized: true }, [
    ["ret", "C3", ""],
    ["ret", "C2", "Iw"],
  ]),
  ...section("RET", { flow: "far", sized: true, sensitivity: "far-transfer" }, [
    ["retf", "CB", ""],
    ["retf", "CA", "Iw"],
  ]),

  ...section("INT n/INTO/INT3/INT1", { flow: "interrupt", reads: SAVED_FLAGS, writes: "TINRV", sensitivity: "software-interrupt" }, [
    ["int", "CD", "Ib", { vm86Iopl: true }],
    ["int3", "CC", ""],
    ["into", "CE", "", { mayStay: true }],
    ["int1", "F1", "", { feature: "i386" }],
  ]),
  ...section("IRET/IRETD/IRETQ", { flow: "far", writes: SAVED_FLAGS, vm86Iopl: true, sensitivity: "interrupt-return" }, [
    ["iret", "CF", "", { names: { 16: "iretw", 32: "iretd" } }],
  ]),
  ...section("BOUND", { feature: "i186" }, [["bound", "62 /r", "Gv,Ma"]]),
  ...section("UD", { flow: "undefined" }, [
    ["ud2", "0F 0B", ""],
    ["ud1", "0F B9 /r", "Gv,Ev"],
    ["ud0", "0F FF /r", "Gv,Ev"],
  ]),

  ...section("SYSENTER", { flow: "far", feature: "sep", writes: "IRV", protectedOnly: true, sensitivity: "fast-system-call" }, [
    ["sysenter", "0F 34", ""],
  ]),
  ...section("SYSEXIT", { flow: "far", feature: "sep", protectedOnly: true, privilege: "cpl0" }, [["sysexit", "0F 35", ""]]),
];
