/**
 * The x87 unit: opcodes D8 to DF (SDM 2D tables) and WAIT. FINIT, FSTCW and the other names without N are
 * WAIT and then the form that is here. With CR0.EM or CR0.TS (WAIT: MP and TS) all raise #NM (SDM 3A 2.5).
 */
import { type Form, type Line, section } from "../src/form.ts";

const x87 = { feature: "x87" } as const;
/** A register condition, or EFLAGS as a result, came with the P6 (SDM 2A "FCMOVcc", "FCOMI"). */
const p6 = { feature: "cmov" } as const;
/** What the manual leaves blank, and processors execute as the form of the same name. */
const alias = { alias: true, undocumented: true } as const;

/** The six forms of FADD and its like: both reals, both register orders, popping, and both integers. */
function arithmetic(name: "add" | "mul" | "sub" | "subr" | "div" | "divr", digit: number, toStack: string, fromTop: string): readonly Line[] {
  return [
    [`f${name}`, `D8 /${digit}`, "m32fp"],
    [`f${name}`, `DC /${digit}`, "m64fp"],
    [`f${name}`, `D8 ${toStack}+i`, "ST,ST(i)"],
    [`f${name}`, `DC ${fromTop}+i`, "ST(i),ST"],
    [`f${name}p`, `DE ${fromTop}+i`, "ST(i),ST"],
    [`fi${name}`, `DA /${digit}`, "m32int"],
    [`fi${name}`, `DE /${digit}`, "m16int"],
  ];
}

const transfers: readonly Form[] = [
  ...section("FLD", x87, [
    ["fld", "D9 /0", "m32fp"],
    ["fld", "DD /0", "m64fp"],
    ["fld", "DB /5", "m80fp"],
    ["fld", "D9 C0+i", "ST(i)"],
  ]),
  ...section("FST/FSTP", x87, [
    ["fst", "D9 /2", "m32fp"],
    ["fst", "DD /2", "m64fp"],
    ["fst", "DD D0+i", "ST(i)"],
    ["fstp", "D9 /3", "m32fp"],
    ["fstp", "DD /3", "m64fp"],
    ["fstp", "DB /7", "m80fp"],
    ["fstp", "DD D8+i", "ST(i)"],
    ["fstp", "D9 D8+i", "ST(i)", alias],
    ["fstp", "DF D0+i", "ST(i)", alias],
    ["fstp", "DF D8+i", "ST(i)", alias],
  ]),
  ...section("FILD", x87, [
    ["fild", "DF /0", "m16int"],
    ["fild", "DB /0", "m32int"],
    ["fild", "DF /5", "m64int"],
  ]),
  ...section("FIST/FISTP", x87, [
    ["fist", "DF /2", "m16int"],
    ["fist", "DB /2", "m32int"],
    ["fistp", "DF /3", "m16int"],
    ["fistp", "DB /3", "m32int"],
    ["fistp", "DF /7", "m64int"],
  ]),
  ...section("FBLD", x87, [["fbld", "DF /4", "m80bcd"]]),
  ...section("FBSTP", x87, [["fbstp", "DF /6", "m80bcd"]]),
  ...section("FXCH", x87, [
    ["fxch", "D9 C8+i", "ST(i)"],
    ["fxch", "DD C8+i", "ST(i)", alias],
    ["fxch", "DF C8+i", "ST(i)", alias],
  ]),
  ...section("FCMOVcc", p6, [
    ["fcmovb", "DA C0+i", "ST,ST(i)", { reads: "C" }],
    ["fcmove", "DA C8+i", "ST,ST(i)", { reads: "Z" }],
    ["fcmovbe", "DA D0+i", "ST,ST(i)", { reads: "CZ" }],
    ["fcmovu", "DA D8+i", "ST,ST(i)", { reads: "P" }],
    ["fcmovnb", "DB C0+i", "ST,ST(i)", { reads: "C" }],
    ["fcmovne", "DB C8+i", "ST,ST(i)", { reads: "Z" }],
    ["fcmovnbe", "DB D0+i", "ST,ST(i)", { reads: "CZ" }],
    ["fcmovnu", "DB D8+i", "ST,ST(i)", { reads: "P" }],
  ]),
  ...section("FLD1/FLDL2T/FLDL2E/FLDPI/FLDLG2/FLDLN2/FLDZ", x87, [
    ["fld1", "D9 E8", ""],
    ["fldl2t", "D9 E9", ""],
    ["fldl2e", "D9 EA", ""],
    ["fldpi", "D9 EB", ""],
    ["fldlg2", "D9 EC", ""],
    ["fldln2", "D9 ED", ""],
    ["fldz", "D9 EE", ""],
  ]),
];

const basic: readonly Form[] = [
  ...section("FADD/FADDP/FIADD", x87, arithmetic("add", 0, "C0", "C0")),
  ...section("FMUL/FMULP/FIMUL", x87, arithmetic("mul", 1, "C8", "C8")),
  ...section("FSUB/FSUBP/FISUB", x87, arithmetic("sub", 4, "E0", "E8")),
  ...section("FSUBR/FSUBRP/FISUBR", x87, arithmetic("subr", 5, "E8", "E0")),
  ...section("FDIV/FDIVP/FIDIV", x87, arithmetic("div", 6, "F0", "F8")),
  ...section("FDIVR/FDIVRP/FIDIVR", x87, arithmetic("divr", 7, "F8", "F0")),
  ...section("FCHS", x87, [["fchs", "D9 E0", ""]]),
  ...section("FABS", x87, [["fabs", "D9 E1", ""]]),
  ...section("FXTRACT", x87, [["fxtract", "D9 F4", ""]]),
  ...section("FPREM1", x87, [["fprem1", "D9 F5", ""]]),
  ...section("FPREM", x87, [["fprem", "D9 F8", ""]]),
  ...section("FSQRT", x87, [["fsqrt", "D9 FA", ""]]),
  ...section("FRNDINT", x87, [["frndint", "D9 FC", ""]]),
  ...section("FSCALE", x87, [["fscale", "D9 FD", ""]]),
];

const comparisons: readonly Form[] = [
  ...section("FCOM/FCOMP/FCOMPP", x87, [
    ["fcom", "D8 /2", "m32fp"],
    ["fcom", "DC /2", "m64fp"],
    ["fcom", "D8 D0+i", "ST(i)"],
    ["fcom", "DC D0+i", "ST(i)", alias],
    ["fcomp", "D8 /3", "m32fp"],
    ["fcomp", "DC /3", "m64fp"],
    ["fcomp", "D8 D8+i", "ST(i)"],
    ["fcomp", "DC D8+i", "ST(i)", alias],
    ["fcomp", "DE D0+i", "ST(i)", alias],
    ["fcompp", "DE D9", ""],
  ]),
  ...section("FICOM/FICOMP", x87, [
    ["ficom", "DE /2", "m16int"],
    ["ficom", "DA /2", "m32int"],
    ["ficomp", "DE /3", "m16int"],
    ["ficomp", "DA /3", "m32int"],
  ]),
  ...section("FUCOM/FUCOMP/FUCOMPP", x87, [
    ["fucom", "DD E0+i", "ST(i)"],
    ["fucomp", "DD E8+i", "ST(i)"],
    ["fucompp", "DA E9", ""],
  ]),
  ...section("FCOMI/FCOMIP/FUCOMI/FUCOMIP", { ...p6, writes: "OSZAPC" }, [
    ["fcomi", "DB F0+i", "ST,ST(i)"],
    ["fcomip", "DF F0+i", "ST,ST(i)"],
    ["fucomi", "DB E8+i", "ST,ST(i)"],
    ["fucomip", "DF E8+i", "ST,ST(i)"],
  ]),
  ...section("FTST", x87, [["ftst", "D9 E4", ""]]),
  ...section("FXAM", x87, [["fxam", "D9 E5", ""]]),
];

const transcendental: readonly Form[] = [
  ...section("F2XM1", x87, [["f2xm1", "D9 F0", ""]]),
  ...section("FYL2X", x87, [["fyl2x", "D9 F1", ""]]),
  ...section("FPTAN", x87, [["fptan", "D9 F2", ""]]),
  ...section("FPATAN", x87, [["fpatan", "D9 F3", ""]]),
  ...section("FYL2XP1", x87, [["fyl2xp1", "D9 F9", ""]]),
  ...section("FSINCOS", x87, [["fsincos", "D9 FB", ""]]),
  ...section("FSIN", x87, [["fsin", "D9 FE", ""]]),
  ...section("FCOS", x87, [["fcos", "D9 FF", ""]]),
];

const control: readonly Form[] = [
  ...section("FINCSTP", x87, [["fincstp", "D9 F7", ""]]),
  ...section("FDECSTP", x87, [["fdecstp", "D9 F6", ""]]),
  ...section("FFREE", x87, [
    ["ffree", "DD C0+i", "ST(i)"],
    ["ffreep", "DF C0+i", "ST(i)", { undocumented: true }],
  ]),
  ...section("FINIT/FNINIT", x87, [["fninit", "DB E3", ""]]),
  ...section("FCLEX/FNCLEX", x87, [["fnclex", "DB E2", ""]]),
  ...section("FSTCW/FNSTCW", x87, [["fnstcw", "D9 /7", "m2byte"]]),
  ...section("FLDCW", x87, [["fldcw", "D9 /5", "m2byte"]]),
  ...section("FSTENV/FNSTENV", x87, [["fnstenv", "D9 /6", "m14/28byte"]]),
  ...section("FLDENV", x87, [["fldenv", "D9 /4", "m14/28byte"]]),
  ...section("FSAVE/FNSAVE", x87, [["fnsave", "DD /6", "m94/108byte"]]),
  ...section("FRSTOR", x87, [["frstor", "DD /4", "m94/108byte"]]),
  ...section("FSTSW/FNSTSW", x87, [
    ["fnstsw", "DD /7", "m2byte"],
    ["fnstsw", "DF E0", "AX"],
  ]),
  ...section("FNOP", x87, [
    ["fnop", "D9 D0", ""],
    // FENI, FDISI and FSETPM of the 8087 and 80287 (SDM 3B 22.18.6.15).
    ["fneni", "DB E0", "", { undocumented: true }],
    ["fndisi", "DB E1", "", { undocumented: true }],
    ["fnsetpm", "DB E4", "", { undocumented: true }],
  ]),
  ...section("WAIT/FWAIT", x87, [["wait", "9B", ""]]),
];

export const coprocessor: readonly Form[] = [...transfers, ...basic, ...comparisons, ...transcendental, ...control];
