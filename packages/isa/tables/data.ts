/** Moves between registers and memory, exchanges, conditional moves and sets. Segment registers: `segment.ts`. */
import { type Form, section } from "../src/form.ts";
import { conditionFlags, conditions } from "./condition.ts";

const hex = (byte: number): string => byte.toString(16).toUpperCase();

export const data: readonly Form[] = [
  ...section("MOV", {}, [
    ["mov", "88 /r", "Eb,Gb"],
    ["mov", "89 /r", "Ev,Gv"],
    ["mov", "8A /r", "Gb,Eb"],
    ["mov", "8B /r", "Gv,Ev"],
    ["mov", "A0", "AL,Ob"],
    ["mov", "A1", "rAX,Ov"],
    ["mov", "A2", "Ob,AL"],
    ["mov", "A3", "Ov,rAX"],
    ["mov", "B0+r", "Zb,Ib"],
    ["mov", "B8+r", "Zv,Iv"],
    ["mov", "C6 /0", "Eb,Ib"],
    ["mov", "C7 /0", "Ev,Iz"],
  ]),
  ...section("MOVZX", { feature: "i386" }, [
    ["movzx", "0F B6 /r", "Gv,Eb"],
    ["movzx", "0F B7 /r", "Gv,Ew"],
  ]),
  ...section("MOVSX/MOVSXD", { feature: "i386" }, [
    ["movsx", "0F BE /r", "Gv,Eb"],
    ["movsx", "0F BF /r", "Gv,Ew"],
  ]),
  ...section("LEA", {}, [["lea", "8D /r", "Gv,M"]]),
  ...section("XCHG", { commutes: true }, [
    ["xchg", "90+r", "Zv,rAX"],
    ["xchg", "86 /r", "Eb,Gb", { lock: true }],
    ["xchg", "87 /r", "Ev,Gv", { lock: true }],
  ]),
  ...section("BSWAP", { feature: "i486" }, [["bswap", "0F C8+r", "Zv"]]),
  ...section("XLAT/XLATB", {}, [["xlat", "D7", ""]]),
  ...section("SALC", { reads: "C", undocumented: true }, [["salc", "D6", ""]]),

  ...conditions.flatMap(([name], number) => [
    ...section("CMOVcc", { reads: conditionFlags(number), feature: "cmov" }, [
      [`cmov${name}`, `0F ${hex(0x40 + number)} /r`, "Gv,Ev"],
    ]),
    ...section("SETcc", { reads: conditionFlags(number), feature: "i386" }, [
      [`set${name}`, `0F ${hex(0x90 + number)} /r`, "Eb"],
    ]),
  ]),

  ...section("NOP", {}, [
    ["nop", "90", ""],
    ["nop", "0F 1F /0", "Ev", { feature: "i686" }],
    // Opcodes that P6 and later treat as NOP with a ModRM operand, kept for hints (SDM 2D table A-3, "reserved-NOP").
    // Of the first, PREFETCHh has taken the lower half of the memory forms.
    ["nop", "0F 18 /r", "Rv", { feature: "i686", alias: true, undocumented: true }],
    ["nop", "0F 18 /4", "Mv", { feature: "i686", alias: true, undocumented: true }],
    ["nop", "0F 18 /5", "Mv", { feature: "i686", alias: true, undocumented: true }],
    ["nop", "0F 18 /6", "Mv", { feature: "i686", alias: true, undocumented: true }],
    ["nop", "0F 18 /7", "Mv", { feature: "i686", alias: true, undocumented: true }],
    ["nop", "0F 19 /r", "Ev", { feature: "i686", alias: true, undocumented: true }],
    ["nop", "0F 1A /r", "Ev", { feature: "i686", alias: true, undocumented: true }],
    ["nop", "0F 1B /r", "Ev", { feature: "i686", alias: true, undocumented: true }],
    ["nop", "0F 1C /r", "Ev", { feature: "i686", alias: true, undocumented: true }],
    ["nop", "0F 1D /r", "Ev", { feature: "i686", alias: true, undocumented: true }],
    ["nop", "0F 1E /r", "Ev", { feature: "i686", alias: true, undocumented: true }],
    ["nop", "0F 1F /r", "Ev", { feature: "i686", alias: true, undocumented: true }],
  ]),
  // Processors older than the hint execute it as the NOP that it extends.
  ...section("PAUSE", {}, [["pause", "F3 90", ""]]),
];
