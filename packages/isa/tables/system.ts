/** Instructions of operating systems: descriptor tables, control registers, MSRs, caches. Privileges: SDM 3A 5.9. */
import { type Attributes, type Form, section } from "../src/form.ts";

const CPL0: Attributes = { privilege: "cpl0" };
const PROTECTED: Attributes = { protectedOnly: true };
const QUERY: Attributes = { writes: "Z", sensitivity: "descriptor-query", ...PROTECTED, anyWidth: true, feature: "i286" };

const tables: readonly Form[] = [
  ...section("SGDT", { sensitivity: "table-register", feature: "i286" }, [["sgdt", "0F 01 /0", "Ms", { sized: true }]]),
  ...section("SIDT", { sensitivity: "table-register", feature: "i286" }, [["sidt", "0F 01 /1", "Ms", { sized: true }]]),
  ...section("LGDT/LIDT", { ...CPL0, feature: "i286" }, [
    ["lgdt", "0F 01 /2", "Ms", { sized: true }],
    ["lidt", "0F 01 /3", "Ms", { sized: true }],
  ]),
  ...section("SLDT", { ...PROTECTED, sensitivity: "table-register", feature: "i286" }, [
    ["sldt", "0F 00 /0", "Rv"],
    ["sldt", "0F 00 /0", "Mw"],
  ]),
  ...section("STR", { ...PROTECTED, sensitivity: "table-register", feature: "i286" }, [
    ["str", "0F 00 /1", "Rv"],
    ["str", "0F 00 /1", "Mw"],
  ]),
  ...section("LLDT", { ...CPL0, ...PROTECTED, anyWidth: true, feature: "i286" }, [["lldt", "0F 00 /2", "Ew"]]),
  ...section("LTR", { ...CPL0, ...PROTECTED, anyWidth: true, feature: "i286" }, [["ltr", "0F 00 /3", "Ew"]]),
];

const queries: readonly Form[] = [
  ...section("VERR/VERW", QUERY, [
    ["verr", "0F 00 /4", "Ew"],
    ["verw", "0F 00 /5", "Ew"],
  ]),
  ...section("LAR", QUERY, [["lar", "0F 02 /r", "Gv,Ew"]]),
  ...section("LSL", QUERY, [["lsl", "0F 03 /r", "Gv,Ew"]]),
  ...section("ARPL", { ...PROTECTED, writes: "Z", feature: "i286" }, [["arpl", "63 /r", "Ew,Gw"]]),
];

const registers: readonly Form[] = [
  ...section("SMSW", { sensitivity: "machine-status", feature: "i286" }, [
    ["smsw", "0F 01 /4", "Rv"],
    ["smsw", "0F 01 /4", "Mw"],
  ]),
  ...section("LMSW", { ...CPL0, flow: "state", anyWidth: true, feature: "i286" }, [["lmsw", "0F 01 /6", "Ew"]]),
  ...section("CLTS", { ...CPL0, flow: "state", feature: "i286" }, [["clts", "0F 06", ""]]),
  ...section("MOV", { ...CPL0, undefines: "OSZAPC", modIgnored: true, feature: "i386" }, [
    ["mov", "0F 20 /r", "Rd,Cd"],
    ["mov", "0F 21 /r", "Rd,Dd"],
    ["mov", "0F 22 /r", "Cd,Rd", { flow: "state" }],
    ["mov", "0F 23 /r", "Dd,Rd", { flow: "state" }],
  ]),
  ...section("RDMSR", { ...CPL0, feature: "msr" }, [["rdmsr", "0F 32", ""]]),
  ...section("WRMSR", { ...CPL0, flow: "state", feature: "msr" }, [["wrmsr", "0F 30", ""]]),
  // With CR4.PCE, and RDTSC without CR4.TSD, at every CPL; otherwise #GP(0) outside ring 0.
  ...section("RDPMC", { feature: "i686" }, [["rdpmc", "0F 33", ""]]),
  ...section("RDTSC", { feature: "tsc" }, [["rdtsc", "0F 31", ""]]),
  ...section("CPUID", { feature: "i586" }, [["cpuid", "0F A2", ""]]),
];

const machine: readonly Form[] = [
  ...section("INVD", { ...CPL0, feature: "i486" }, [["invd", "0F 08", ""]]),
  ...section("WBINVD", { ...CPL0, feature: "i486" }, [["wbinvd", "0F 09", ""]]),
  ...section("INVLPG", { ...CPL0, flow: "state", feature: "i486" }, [["invlpg", "0F 01 /7", "M"]]),
  ...section("HLT", { ...CPL0, flow: "halt" }, [["hlt", "F4", ""]]),
  // #UD outside system-management mode.
  ...section("RSM", { flow: "far", writes: "OSZAPCTIDLNRVKFQU", feature: "i586" }, [["rsm", "0F AA", ""]]),
];

export const system: readonly Form[] = [...tables, ...queries, ...registers, ...machine];
