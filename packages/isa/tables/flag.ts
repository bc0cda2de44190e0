/** Single flags and AH. */
import { type Form, section } from "../src/form.ts";

export const flag: readonly Form[] = [
  ...section("CLC", { writes: "C" }, [["clc", "F8", ""]]),
  ...section("STC", { writes: "C" }, [["stc", "F9", ""]]),
  ...section("CMC", { reads: "C", writes: "C" }, [["cmc", "F5", ""]]),
  ...section("CLD", { writes: "D" }, [["cld", "FC", ""]]),
  ...section("STD", { writes: "D" }, [["std", "FD", ""]]),
  ...section("CLI", { writes: "I", privilege: "iopl", vm86Iopl: true }, [["cli", "FA", ""]]),
  // Interrupts are recognised one instruction later, so what follows cannot be merged with it.
  ...section("STI", { writes: "I", privilege: "iopl", vm86Iopl: true, flow: "state" }, [["sti", "FB", ""]]),
  ...section("LAHF", { reads: "SZAPC" }, [["lahf", "9F", ""]]),
  ...section("SAHF", { writes: "SZAPC" }, [["sahf", "9E", ""]]),
];
