import { type Mnemonic, rows } from "@mercury/isa";

/** Every instruction that the assembler has a method for. */
export const mnemonics: readonly Mnemonic[] = [...new Set(rows.flatMap((row) => [row.mnemonic, ...Object.values(row.sizeNames)]))];
