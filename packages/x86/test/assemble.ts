import { encode, type EncodeOptions, type MemoryOperand, type Mnemonic, type Operand, type Register } from "@mercury/isa";

export const r = (register: Register): Operand => ({ kind: "register", register });
export const i = (value: number): Operand => ({ kind: "immediate", value });
export const m = (parts: Omit<MemoryOperand, "kind">): Operand => ({ kind: "memory", size: 32, ...parts });
export const rel = (displacement: number): Operand => ({ kind: "relative", size: 8, displacement });
export const far = (selector: number, offset: number): Operand => ({ kind: "far", selector, offset });

/** One instruction; or bytes as they are. */
export type Line = readonly [Mnemonic, ...Operand[]] | readonly number[];

const isBytes = (line: Line): line is readonly number[] => typeof line[0] === "number";

export function assemble(lines: readonly Line[], options: EncodeOptions = {}): number[] {
  return lines.flatMap((line) => {
    if (isBytes(line)) return line;
    const [mnemonic, ...operands] = line;
    return [...encode(mnemonic, operands, options).bytes];
  });
}
