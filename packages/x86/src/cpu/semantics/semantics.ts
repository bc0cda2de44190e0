import type { Mnemonic } from "@mercury/isa";
import type { InstructionBuilder } from "../builder.ts";

/** Makes the code of one instruction. Whether it goes on in the block shows in `InstructionBuilder.ended`. */
export type Semantics = (b: InstructionBuilder) => void;

export type SemanticsTable = Partial<Record<Mnemonic, Semantics>>;
