/**
 * Register names and their encodings. The position of a name in its list is its number in ModRM, SIB and
 * `+r` opcodes (SDM 2A table 2-2 and section 3.1.1.1).
 */

/** 8-bit general registers in encoding order. */
export const registers8 = ["al", "cl", "dl", "bl", "ah", "ch", "dh", "bh"] as const;
/** 16-bit general registers in encoding order. */
export const registers16 = ["ax", "cx", "dx", "bx", "sp", "bp", "si", "di"] as const;
/** 32-bit general registers in encoding order. */
export const registers32 = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"] as const;
/** Segment registers in encoding order. */
export const segmentRegisters = ["es", "cs", "ss", "ds", "fs", "gs"] as const;
/** Control registers in encoding order; of these a Pentium Pro has CR0, CR2, CR3 and CR4. */
export const controlRegisters = ["cr0", "cr1", "cr2", "cr3", "cr4", "cr5", "cr6", "cr7"] as const;
/** Debug registers in encoding order; DR4 and DR5 are names of DR6 and DR7 while CR4.DE is 0 (SDM 3B 17.2.2). */
export const debugRegisters = ["dr0", "dr1", "dr2", "dr3", "dr4", "dr5", "dr6", "dr7"] as const;

/** Registers of the x87 stack, by their distance from its top. */
export const stackRegisters = ["st(0)", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)"] as const;
/** MMX registers in encoding order: the significands of the x87 registers R0 to R7. */
export const mmxRegisters = ["mm0", "mm1", "mm2", "mm3", "mm4", "mm5", "mm6", "mm7"] as const;
/** XMM registers in encoding order. */
export const xmmRegisters = ["xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7"] as const;

/** An 8-bit general register. */
export type Register8 = (typeof registers8)[number];
/** A 16-bit general register. */
export type Register16 = (typeof registers16)[number];
/** A 32-bit general register. */
export type Register32 = (typeof registers32)[number];
/** A segment register. */
export type SegmentRegister = (typeof segmentRegisters)[number];
/** A control register. */
export type ControlRegister = (typeof controlRegisters)[number];
/** A debug register. */
export type DebugRegister = (typeof debugRegisters)[number];
/** A register of the x87 stack, counted from its top. */
export type StackRegister = (typeof stackRegisters)[number];
/** An MMX register. */
export type MmxRegister = (typeof mmxRegisters)[number];
/** An SSE register. */
export type XmmRegister = (typeof xmmRegisters)[number];
/** Any register that an operand can name. */
export type Register =
  | Register8
  | Register16
  | Register32
  | SegmentRegister
  | ControlRegister
  | DebugRegister
  | StackRegister
  | MmxRegister
  | XmmRegister;

/** The file that a register belongs to. */
export type RegisterClass = "general8" | "general16" | "general32" | "segment" | "control" | "debug" | "stack" | "mmx" | "xmm";

/** Class and number of one register. */
export interface RegisterInfo {
  readonly name: Register;
  readonly class: RegisterClass;
  /** 0 to 7, as it is encoded. */
  readonly number: number;
}

const classes: readonly (readonly [RegisterClass, readonly Register[]])[] = [
  ["general8", registers8],
  ["general16", registers16],
  ["general32", registers32],
  ["segment", segmentRegisters],
  ["control", controlRegisters],
  ["debug", debugRegisters],
  ["stack", stackRegisters],
  ["mmx", mmxRegisters],
  ["xmm", xmmRegisters],
];

/** Every register by name. */
export const registerInfo: ReadonlyMap<Register, RegisterInfo> = new Map(
  classes.flatMap(([kind, names]) => names.map((name, number): [Register, RegisterInfo] => [name, { name, class: kind, number }])),
);
