/** The stack: general registers, constants, flags and frames. Segment registers: `segment.ts`. */
import { type Form, section } from "../src/form.ts";

/** Everything that PUSHF stores and POPF may load. */
const FLAGS = "OSZAPCTIDLNRVKFQU";

export const stack: readonly Form[] = [
  ...section("PUSH", { sized: true }, [
    ["push", "50+r", "Zv"],
    ["push", "FF /6", "Ev"],
    ["push", "6A", "Ibs", { feature: "i186" }],
    ["push", "68", "Iz", { feature: "i186" }],
  ]),
  ...section("POP", { sized: true }, [
    ["pop", "58+r", "Zv"],
    ["pop", "8F /0", "Ev"],
  ]),
  ...section("PUSHA/PUSHAD", { feature: "i186" }, [["pusha", "60", "", { names: { 16: "pushaw", 32: "pushad" } }]]),
  ...section("POPA/POPAD", { feature: "i186" }, [["popa", "61", "", { names: { 16: "popaw", 32: "popad" } }]]),
  ...section("PUSHF/PUSHFD/PUSHFQ", { reads: FLAGS, vm86Iopl: true, sensitivity: "flags-image" }, [
    ["pushf", "9C", "", { names: { 16: "pushfw", 32: "pushfd" } }],
  ]),
  ...section("POPF/POPFD/POPFQ", { writes: FLAGS, vm86Iopl: true, sensitivity: "flags-image", flow: "state" }, [
    ["popf", "9D", "", { names: { 16: "popfw", 32: "popfd" } }],
  ]),
  ...section("ENTER", { feature: "i186", sized: true }, [["enter", "C8", "Iw,Ib"]]),
  ...section("LEAVE", { feature: "i186", sized: true }, [["leave", "C9", ""]]),
];
