/**
 * String instructions and port input and output. The operands named `X` and `Y` are implied: they are shown, but
 * not asked for. DF tells the direction, and the address size whether (E)SI, (E)DI and (E)CX are 16 or 32 bits wide.
 */
import { type Attributes, type Form, section } from "../src/form.ts";

const MOVE: Attributes = { reads: "D", repeat: "count" };
/** With REPE or REPNE and (E)CX 0 nothing is compared (SDM 2B "REP/REPE/REPZ/REPNE/REPNZ"). */
const COMPARE: Attributes = { reads: "D", writes: "OSZAPC", mayStay: true, repeat: "condition" };

export const string: readonly Form[] = [
  ...section("MOVS/MOVSB/MOVSW/MOVSD/MOVSQ", MOVE, [
    ["movsb", "A4", "Yb,Xb"],
    ["movsd", "A5", "Yv,Xv", { names: { 16: "movsw", 32: "movsd" } }],
  ]),
  ...section("CMPS/CMPSB/CMPSW/CMPSD/CMPSQ", COMPARE, [
    ["cmpsb", "A6", "Xb,Yb"],
    ["cmpsd", "A7", "Xv,Yv", { names: { 16: "cmpsw", 32: "cmpsd" } }],
  ]),
  ...section("STOS/STOSB/STOSW/STOSD/STOSQ", MOVE, [
    ["stosb", "AA", "Yb"],
    ["stosd", "AB", "Yv", { names: { 16: "stosw", 32: "stosd" } }],
  ]),
  ...section("LODS/LODSB/LODSW/LODSD/LODSQ", MOVE, [
    ["lodsb", "AC", "Xb"],
    ["lodsd", "AD", "Xv", { names: { 16: "lodsw", 32: "lodsd" } }],
  ]),
  ...section("SCAS/SCASB/SCASW/SCASD", COMPARE, [
    ["scasb", "AE", "Yb"],
    ["scasd", "AF", "Yv", { names: { 16: "scasw", 32: "scasd" } }],
  ]),
  ...section("INS/INSB/INSW/INSD", { ...MOVE, privilege: "io", feature: "i186" }, [
    ["insb", "6C", "Yb"],
    ["insd", "6D", "Yv", { names: { 16: "insw", 32: "insd" } }],
  ]),
  ...section("OUTS/OUTSB/OUTSW/OUTSD", { ...MOVE, privilege: "io", feature: "i186" }, [
    ["outsb", "6E", "Xb"],
    ["outsd", "6F", "Xv", { names: { 16: "outsw", 32: "outsd" } }],
  ]),
  ...section("IN", { privilege: "io" }, [
    ["in", "E4", "AL,Ib"],
    ["in", "E5", "eAX,Ib"],
    ["in", "EC", "AL,DX"],
    ["in", "ED", "eAX,DX"],
  ]),
  ...section("OUT", { privilege: "io" }, [
    ["out", "E6", "Ib,AL"],
    ["out", "E7", "Ib,eAX"],
    ["out", "EE", "DX,AL"],
    ["out", "EF", "DX,eAX"],
  ]),
];
