import type { Instruction, Mnemonic } from "@mercury/isa";
import type { Core } from "../core.ts";

/** Does an instruction. EIP is already that of the next one; a fault puts it back. */
export type HostInstruction = (core: Core, instruction: Instruction) => void;

export type HostTable = Partial<Record<Mnemonic, HostInstruction>>;
