/**
 * The opcodes of the x87 unit, as a processor without one sees them: an escape with a ModRM operand, and WAIT.
 * With CR0.EM or CR0.TS (for WAIT: MP and TS) they raise #NM, otherwise they have no effect (SDM 3A 2.5, table 9-3).
 */
import { type Form, section } from "../src/form.ts";

export const coprocessor: readonly Form[] = [
  ...section("ESC", { feature: "x87" }, [
    ["esc", "D8 /r", ""],
    ["esc", "D9 /r", ""],
    ["esc", "DA /r", ""],
    ["esc", "DB /r", ""],
    ["esc", "DC /r", ""],
    ["esc", "DD /r", ""],
    ["esc", "DE /r", ""],
    ["esc", "DF /r", ""],
  ]),
  ...section("WAIT/FWAIT", { feature: "x87" }, [["wait", "9B", ""]]),
];
