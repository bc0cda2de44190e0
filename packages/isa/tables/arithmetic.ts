/** Binary and decimal arithmetic, logic and comparison. Opcodes: SDM 2; flags: SDM 1 table A-2. */
import { type Attributes, type Form, section } from "../src/form.ts";
import type { Mnemonic } from "./mnemonic.ts";

const ARITHMETIC: Attributes = { writes: "OSZAPC" };
const LOGIC: Attributes = { writes: "OSZPC", undefines: "A" };

/** The eight operations that share one opcode layout: number `n` is in opcode bits 5..3 or in ModRM.reg. */
function binary(mnemonic: Mnemonic, n: number, attributes: Attributes): readonly Form[] {
  const opcode = (low: number): string => (n * 8 + low).toString(16).toUpperCase().padStart(2, "0");
  const store: Attributes = mnemonic === "cmp" ? {} : { lock: true };
  return section(mnemonic.toUpperCase(), attributes, [
    [mnemonic, `${opcode(0)} /r`, "Eb,Gb", store],
    [mnemonic, `${opcode(1)} /r`, "Ev,Gv", store],
    [mnemonic, `${opcode(2)} /r`, "Gb,Eb"],
    [mnemonic, `${opcode(3)} /r`, "Gv,Ev"],
    [mnemonic, opcode(4), "AL,Ib"],
    [mnemonic, opcode(5), "rAX,Iz"],
    [mnemonic, `80 /${n}`, "Eb,Ib", store],
    [mnemonic, `81 /${n}`, "Ev,Iz", store],
    [mnemonic, `82 /${n}`, "Eb,Ib", { ...store, alias: true, undocumented: true }],
    [mnemonic, `83 /${n}`, "Ev,Ibs", store],
  ]);
}

export const arithmetic: readonly Form[] = [
  ...binary("add", 0, ARITHMETIC),
  ...binary("or", 1, LOGIC),
  ...binary("adc", 2, { ...ARITHMETIC, reads: "C" }),
  ...binary("sbb", 3, { ...ARITHMETIC, reads: "C" }),
  ...binary("and", 4, LOGIC),
  ...binary("sub", 5, ARITHMETIC),
  ...binary("xor", 6, LOGIC),
  ...binary("cmp", 7, ARITHMETIC),

  ...section("TEST", LOGIC, [
    ["test", "84 /r", "Eb,Gb", { commutes: true }],
    ["test", "85 /r", "Ev,Gv", { commutes: true }],
    ["test", "A8", "AL,Ib"],
    ["test", "A9", "rAX,Iz"],
    ["test", "F6 /0", "Eb,Ib"],
    ["test", "F7 /0", "Ev,Iz"],
    ["test", "F6 /1", "Eb,Ib", { alias: true, undocumented: true }],
    ["test", "F7 /1", "Ev,Iz", { alias: true, undocumented: true }],
  ]),
  ...section("NOT", { lock: true }, [
    ["not", "F6 /2", "Eb"],
    ["not", "F7 /2", "Ev"],
  ]),
  ...section("NEG", { ...ARITHMETIC, lock: true }, [
    ["neg", "F6 /3", "Eb"],
    ["neg", "F7 /3", "Ev"],
  ]),
  ...section("INC", { writes: "OSZAP" }, [
    ["inc", "40+r", "Zv"],
    ["inc", "FE /0", "Eb", { lock: true }],
    ["inc", "FF /0", "Ev", { lock: true }],
  ]),
  ...section("DEC", { writes: "OSZAP" }, [
    ["dec", "48+r", "Zv"],
    ["dec", "FE /1", "Eb", { lock: true }],
    ["dec", "FF /1", "Ev", { lock: true }],
  ]),

  ...section("MUL", { writes: "OC", undefines: "SZAP" }, [
    ["mul", "F6 /4", "Eb"],
    ["mul", "F7 /4", "Ev"],
  ]),
  ...section("IMUL", { writes: "OC", undefines: "SZAP" }, [
    ["imul", "F6 /5", "Eb"],
    ["imul", "F7 /5", "Ev"],
    ["imul", "0F AF /r", "Gv,Ev", { feature: "i386" }],
    ["imul", "6B /r", "Gv,Ev,Ibs", { feature: "i186" }],
    ["imul", "69 /r", "Gv,Ev,Iz", { feature: "i186" }],
  ]),
  ...section("DIV", { undefines: "OSZAPC" }, [
    ["div", "F6 /6", "Eb"],
    ["div", "F7 /6", "Ev"],
  ]),
  ...section("IDIV", { undefines: "OSZAPC" }, [
    ["idiv", "F6 /7", "Eb"],
    ["idiv", "F7 /7", "Ev"],
  ]),

  ...section("CMPXCHG", { ...ARITHMETIC, lock: true, feature: "i486" }, [
    ["cmpxchg", "0F B0 /r", "Eb,Gb"],
    ["cmpxchg", "0F B1 /r", "Ev,Gv"],
  ]),
  ...section("CMPXCHG8B/CMPXCHG16B", { writes: "Z", lock: true, feature: "cx8" }, [["cmpxchg8b", "0F C7 /1", "Mq"]]),
  ...section("XADD", { ...ARITHMETIC, lock: true, feature: "i486" }, [
    ["xadd", "0F C0 /r", "Eb,Gb"],
    ["xadd", "0F C1 /r", "Ev,Gv"],
  ]),

  ...section("CBW/CWDE/CDQE", {}, [["cwde", "98", "", { names: { 16: "cbw", 32: "cwde" } }]]),
  ...section("CWD/CDQ/CQO", {}, [["cdq", "99", "", { names: { 16: "cwd", 32: "cdq" } }]]),

  ...section("AAA", { reads: "A", writes: "AC", undefines: "OSZP" }, [["aaa", "37", ""]]),
  ...section("AAS", { reads: "A", writes: "AC", undefines: "OSZP" }, [["aas", "3F", ""]]),
  ...section("AAM", { writes: "SZP", undefines: "OAC" }, [["aam", "D4", "Ib"]]),
  ...section("AAD", { writes: "SZP", undefines: "OAC" }, [["aad", "D5", "Ib"]]),
  ...section("DAA", { reads: "AC", writes: "SZAPC", undefines: "O" }, [["daa", "27", ""]]),
  ...section("DAS", { reads: "AC", writes: "SZAPC", undefines: "O" }, [["das", "2F", ""]]),
];
