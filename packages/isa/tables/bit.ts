/** Bit tests and scans. With a register offset the memory operand of BTx is a bit string of any length (SDM 2A "BT"). */
import { type Attributes, type Form, section } from "../src/form.ts";
import type { Mnemonic } from "./mnemonic.ts";

function test(mnemonic: Mnemonic, opcode: string, digit: number, own: Attributes): readonly Form[] {
  return section(mnemonic.toUpperCase(), { writes: "C", undefines: "OSAP", feature: "i386", ...own }, [
    [mnemonic, `${opcode} /r`, "Ev,Gv"],
    [mnemonic, `0F BA /${digit}`, "Ev,Ib"],
  ]);
}

function scan(mnemonic: Mnemonic, opcode: string): readonly Form[] {
  return section(mnemonic.toUpperCase(), { writes: "Z", undefines: "OSAPC", feature: "i386" }, [
    [mnemonic, `${opcode} /r`, "Gv,Ev"],
  ]);
}

export const bit: readonly Form[] = [
  ...test("bt", "0F A3", 4, {}),
  ...test("bts", "0F AB", 5, { lock: true }),
  ...test("btr", "0F B3", 6, { lock: true }),
  ...test("btc", "0F BB", 7, { lock: true }),
  ...scan("bsf", "0F BC"),
  ...scan("bsr", "0F BD"),
];
