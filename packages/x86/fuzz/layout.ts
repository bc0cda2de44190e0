/** Where cases run, here and in native.c: two pages of code and two of data, with nothing mapped around. */
export const CODE = 0x1000_0000;
export const DATA = 0x2000_0000;
export const REGION = 8192;
export const WINDOW = 256;
/** The bytes that a case brings along and that are compared: around the border between the pages. */
export const WINDOW_AT: number = DATA + REGION / 2 - WINDOW / 2;
export const CODE_BYTES = 48;
/** Bytes of an FXSAVE image that a case brings along: header, x87 registers, XMM registers. */
export const EXTENDED = 288;
/** Offsets in that image (SDM 1 table 10-2). */
export const image = { control: 0, status: 2, tags: 4, opcode: 6, ip: 8, mxcsr: 24, mask: 28, registers: 32, xmm: 160 } as const;
/** Where x87 environments are stored, and the pointers in them, which are compared apart: the host's kernel may lose them. */
export const ENVIRONMENT_AT: number = WINDOW_AT + 64;
export const POINTERS_AT: number = ENVIRONMENT_AT + 12;
export const POINTERS = 16;
/** Where FXSAVE stores its image, 512 bytes outside the window, and its first part, which is compared field by field. */
export const IMAGE_AT: number = DATA + 0x200;
export const HEADER = 32;

/** Linear address of physical 0 on our side, where the supervisor has its tables and handlers, and the size of what is mapped there. */
export const SUPERVISOR = 0x3000_0000;
export const SUPERVISOR_SIZE = 0x1_0000;

/**
 * What runs the sequences: on our side the supervisor; on the host's the 32-bit process, where Linux may have put its image and heap (up to 32 MB behind the
 * image), and from the vDSO up its stack. Sequences that reach there are not compared, nor run on the host, where they would change what runs them.
 */
const RUNNERS: readonly (readonly [from: number, to: number])[] = [
  [SUPERVISOR, SUPERVISOR + SUPERVISOR_SIZE],
  [0x0800_0000, 0x0c00_0000],
  [0xf700_0000, 0x1_0000_0000],
];

/** Whether a linear address may be a runner's own. */
export function isRunners(address: number): boolean {
  return RUNNERS.some(([from, to]) => address >= from && address < to);
}

/** `trap` of a sequence that jumps back for ever, or for longer than anyone waits. */
export const ENDLESS = 0x100;

/** What one sequence starts from. */
export interface Case {
  /** EAX to EDI in encoding order. */
  readonly registers: readonly number[];
  readonly eflags: number;
  readonly codeOffset: number;
  readonly code: Uint8Array;
  readonly window: Uint8Array;
  /** x87 and SSE state as FXRSTOR takes it. */
  readonly extended: Uint8Array;
  /** Flags that nothing defines at the end. */
  readonly undefinedFlags: number;
  /** For people. */
  readonly mnemonics: readonly string[];
}

/** What it did. `trap` is the vector, 3 after the last instruction, or ENDLESS; numbers are unsigned. */
export interface Outcome {
  readonly registers: readonly number[];
  readonly eip: number;
  readonly eflags: number;
  readonly trap: number;
  readonly error: number;
  /** CR2, of page faults only. */
  readonly address: number;
  readonly checksum: number;
  readonly window: Uint8Array;
  /** As FXSAVE stores it. */
  readonly extended: Uint8Array;
  /** What was at {@link POINTERS_AT} and {@link IMAGE_AT}; `checksum` and `window` have zeros there. */
  readonly pointers: Uint8Array;
  readonly header: Uint8Array;
}
