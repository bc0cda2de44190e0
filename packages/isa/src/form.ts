import type { Mnemonic } from "../tables/mnemonic.ts";
import type { Feature, Flow, Privilege, Repeatable, Sensitivity, SizeNames } from "./row.ts";

/** What a table line may say besides mnemonic, opcode and operands; {@link Row} documents the meaning of each. */
export interface Attributes {
  /** Flag letters, see `flagBits`: tested, set, left undefined. */
  readonly reads?: string;
  readonly writes?: string;
  readonly undefines?: string;
  readonly mayStay?: true;
  readonly lock?: true;
  readonly repeat?: Repeatable;
  readonly privilege?: Privilege;
  readonly vm86Iopl?: true;
  readonly protectedOnly?: true;
  readonly sensitivity?: Sensitivity;
  readonly flow?: Flow;
  readonly feature?: Feature;
  readonly undocumented?: true;
  readonly alias?: true;
  readonly modIgnored?: true;
  readonly commutes?: true;
  readonly anyWidth?: true;
  readonly unaligned?: true;
  /** ModRM.mod must be 3, though ModRM.rm is no operand. */
  readonly registerOnly?: true;
  /** Without operands that show it, the operation still depends on the operand size (PUSHF, RET ...). */
  readonly sized?: true;
  readonly names?: SizeNames;
  readonly namesByAddressSize?: true;
  /** Values of ModRM.reg that do not exist besides those that the operand code rules out. */
  readonly absentRegisters?: readonly number[];
}

/** A table line: mnemonic, opcode in the SDM's notation, operands in the codes of SDM 2D appendix A, the rest. */
export type Line = readonly [mnemonic: Mnemonic, opcode: string, operands: string, attributes?: Attributes];

/** A line with its attributes and its citation. */
export interface Form {
  readonly mnemonic: Mnemonic;
  readonly opcode: string;
  readonly operands: string;
  readonly manual: string;
  readonly attributes: Attributes;
}

/**
 * The lines of one section of SDM volume 2.
 * @param manual heading of the section, as the manual spells it
 * @param common attributes of all lines; a line's own are added and win
 */
export function section(manual: string, common: Attributes, lines: readonly Line[]): readonly Form[] {
  return lines.map(([mnemonic, opcode, operands, own]) => ({
    mnemonic,
    opcode,
    operands,
    manual,
    attributes: { ...common, ...own },
  }));
}
