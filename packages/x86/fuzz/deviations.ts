import { image, type Case, type Outcome } from "./layout.ts";

/** A difference between the Pentium M, as the manual describes it, and hosts of another make. */
export interface Deviation {
  readonly about: string;
  /** Instructions that show it, as `Case.mnemonics` has them. */
  readonly instructions: RegExp;
  /** Exceptions, as the status word has them, that have to be raised and unmasked for it to show. */
  readonly unmasked: number;
}

const INVALID = 0x01;
const DENORMAL = 0x02;

/** FCOMI and its like also clear C1 (SDM 2A "FCOMI"), which AMD's leave alone: see `closing`. */
export const deviations: readonly Deviation[] = [
  {
    about:
      "SDM 2A FCOM, FICOM, FUCOM, FTST, FCOMI: an unmasked invalid or denormal operand leaves conditions and flags alone; AMD's set them",
    instructions: /^f(u?comi?p?p?|icomp?|tst)\b/,
    unmasked: INVALID | DENORMAL,
  },
  {
    about: "SDM 1 8.5.2: FLD does not push a denormal while #D is unmasked; AMD's does",
    instructions: /^fld m(32|64)fp/,
    unmasked: DENORMAL,
  },
];

const PENDING = 0x80;

/** What is compared all the same, for what it may be. */
export const accepted: readonly string[] = [
  "AMD 26569 FXSAVE: stores zeros for the last x87 instruction and its operand unless an exception is pending; zeros are accepted then",
  "SDM 1 11.6.6: the mask of MXCSR's bits is the processor's own; AMD's may have more bits than ours, not fewer",
];

/** The first of {@link accepted}. */
export function keepsNoPointers({ header }: Outcome): boolean {
  const pointers = header.subarray(image.opcode, image.mxcsr);
  return ((header[image.status] ?? 0) & PENDING) === 0 && pointers.every((byte) => byte === 0);
}

const WAIT = 0x9b;
/** FINCSTP and FDECSTP, which clear C1: FCOMI and its like do (SDM 2A "FCOMI"), AMD's leave it. */
const CLEAR_C1 = [0xd9, 0xf7, 0xd9, 0xf6] as const;

/** What has to follow an instruction so that a deviation ends the sequence, or does no harm in it. */
export function closing(mnemonic: string): readonly number[] {
  if (/^fu?comip?$/.test(mnemonic)) return CLEAR_C1;
  return /^f(u?comp?p?|icomp?|tst|ld)$/.test(mnemonic) ? [WAIT] : [];
}

const word = (bytes: Uint8Array, offset: number): number => (bytes[offset] ?? 0) | ((bytes[offset + 1] ?? 0) << 8);

/** Whether the sequence ended in an exception that is not the same everywhere. */
export function deviates({ mnemonics }: Case, { extended }: Outcome): boolean {
  const raised = word(extended, image.status) & ~word(extended, image.control);
  return deviations.some(
    ({ instructions, unmasked }) => (raised & unmasked) !== 0 && mnemonics.some((mnemonic) => instructions.test(mnemonic)),
  );
}
