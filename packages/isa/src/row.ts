import type { Mnemonic } from "../tables/mnemonic.ts";
import type { Register } from "./register.ts";

/** Flags as one letter each; {@link flagBits} gives their EFLAGS bits. */
export const flagBits: Readonly<Record<string, number>> = {
  C: 1 << 0,
  P: 1 << 2,
  A: 1 << 4,
  Z: 1 << 6,
  S: 1 << 7,
  T: 1 << 8,
  I: 1 << 9,
  D: 1 << 10,
  O: 1 << 11,
  L: 3 << 12, // IOPL
  N: 1 << 14, // NT
  R: 1 << 16, // RF
  V: 1 << 17, // VM
  K: 1 << 18, // AC, alignment check
  F: 1 << 19, // VIF
  Q: 1 << 20, // VIP
  U: 1 << 21, // ID
};

/**
 * Where an operand comes from: the first letter of its SDM 2D code (appendix A.2.1), and two more.
 *
 * - `E` ModRM.rm, register or memory; `M` the same, memory only; `R` the same, register only
 * - `G` ModRM.reg general, `S` segment, `C` control, `D` debug register
 * - `P` MMX register in ModRM.reg; `Q` MMX register or memory by ModRM.rm; `N` the same, register only
 * - `V` XMM register in ModRM.reg; `W` XMM register or memory by ModRM.rm; `U` the same, register only
 * - `I` immediate; `J` relative branch; `A` direct far pointer; `O` memory at a displacement without ModRM
 * - `X` memory at seg:(E)SI, `Y` memory at ES:(E)DI
 * - `Z` general register in the low three opcode bits (`+r`)
 * - `fixed` a register or the constant 1, named by the form itself
 */
export type Method =
  | "E"
  | "M"
  | "R"
  | "G"
  | "S"
  | "C"
  | "D"
  | "I"
  | "J"
  | "A"
  | "O"
  | "X"
  | "Y"
  | "Z"
  | "P"
  | "Q"
  | "N"
  | "V"
  | "W"
  | "U"
  | "fixed";

/**
 * How large an operand is: the lower-case letters of SDM 2D appendix A.2.2.
 *
 * - `b` byte, `w` word, `d` dword, `q` qword; `v` and `z` word or dword by operand size
 * - `dq` 128 bits, `ps` and `pd` 128 bits of single or double precision, `ss` and `sd` one single or double in the low
 *   part of an XMM register, `pi` two dwords in an MMX register
 * - `bs` byte, sign-extended to the operand size (83 /digit, 6A, 6B)
 * - `p` far pointer of 32 or 48 bits by operand size; `a` pair of words or dwords (BOUND); `s` pseudo-descriptor of 48 bits
 * - `f32`, `f64`, `f80` real numbers, `i16`, `i32`, `i64` integers, `bcd` 18 decimal digits of the x87 unit (SDM 1 8.2)
 * - `env` its environment of 14 or 28 bytes, `state` all of it in 94 or 108 bytes, by operand size (SDM 1 8.1.10)
 * - `st` a register of its stack
 * - `` none: the address itself (LEA, INVLPG)
 */
export type OperandType = "b" | "w" | "d" | "q" | "v" | "z" | "bs" | "p" | "a" | "s" | VectorType | FloatType | "";

/** Types of MMX and SSE. */
export type VectorType = "dq" | "ps" | "pd" | "ss" | "sd" | "pi";

/** Types of the x87 unit; the tables have them as the SDM's instruction pages do: `m32fp`, `m14/28byte`, `ST(i)`. */
export type FloatType = "f32" | "f64" | "f80" | "i16" | "i32" | "i64" | "bcd" | "env" | "state" | "st";

/** One operand of a form. */
export interface OperandForm {
  /** As the table has it: `Ev`, `Ibs`, `rAX`, `CL`, `1`. */
  readonly code: string;
  readonly method: Method;
  readonly type: OperandType;
  /** The register of a `fixed` operand; `eax` stands for AX or EAX by operand size when {@link type} is `v`. */
  readonly register: Register | undefined;
}

/** Oldest processor, or CPUID bit, that a form needs. */
export type Feature =
  | "8086"
  | "i186"
  | "i286"
  | "i386"
  | "i486"
  | "i586"
  | "i686"
  | "tsc"
  | "msr"
  | "cx8"
  | "cmov"
  | "sep"
  | "x87"
  | "mmx"
  | "fxsr"
  | "sse"
  | "sse2"
  | "clflush";

/**
 * What a form does to the instruction flow.
 *
 * - `next` goes on with the following instruction
 * - `conditional` near branch that may fall through; `jump`, `call`, `return` near and unconditional
 * - `far` loads CS: far call, jump and return, IRET, SYSENTER, SYSEXIT
 * - `interrupt` enters a handler by itself: INT n, INT1, INT3, INTO; faults do not count
 * - `halt` stops until an interrupt; `undefined` always raises #UD
 * - `state` goes on with the following instruction, but what was decoded or translated on an assumption about
 *   paging, segments, interrupts or flags has to be looked at again
 */
export type Flow = "next" | "conditional" | "jump" | "call" | "return" | "far" | "interrupt" | "halt" | "undefined" | "state";

/**
 * Who may execute a form.
 *
 * - `any` everyone
 * - `cpl0` #GP(0) unless CPL is 0
 * - `iopl` #GP(0) if CPL > IOPL (CLI, STI)
 * - `io` #GP(0) if CPL > IOPL and the I/O permission bitmap does not allow the port
 */
export type Privilege = "any" | "cpl0" | "iopl" | "io";

/**
 * Why a form that needs no privilege still shows or depends on the privilege level or on the tables of ring 0.
 * `sensitive.ts` says what each means below ring 0.
 */
export type Sensitivity =
  | "table-register"
  | "machine-status"
  | "flags-image"
  | "descriptor-query"
  | "selector-read"
  | "selector-load"
  | "far-transfer"
  | "interrupt-return"
  | "software-interrupt"
  | "fast-system-call";

/** REP, REPE or REPNE as a form uses it: not at all, as a plain count (F3), or with the ZF condition (F3 and F2). */
export type Repeatable = "no" | "count" | "condition";

/** Names of one form by size. */
export interface SizeNames {
  readonly 16?: Mnemonic;
  readonly 32?: Mnemonic;
}

/** One instruction form: a line of the SDM's instruction tables. */
export interface Row {
  /** Position in {@link rows}: dense, from 0, stable within one version of the package. */
  readonly id: number;
  readonly mnemonic: Mnemonic;
  /** Names by operand size, where the SDM gives one to each; otherwise empty. */
  readonly sizeNames: SizeNames;
  /** {@link sizeNames} go by address size (JCXZ). */
  readonly namesByAddressSize: boolean;
  /** In the SDM's notation, without the immediates, which the operands tell: `81 /0`, `0F B6 /r`, `50+r`. */
  readonly opcode: string;
  readonly operands: readonly OperandForm[];

  /** 0 is the one-byte map, 1 the map behind 0F. */
  readonly map: 0 | 1;
  /** Opcode byte; of a `+r` form the first of eight. */
  readonly opcodeByte: number;
  /** The low three opcode bits are a register number. */
  readonly plusRegister: boolean;
  /** 66, F2 or F3 if one of them is part of the opcode, otherwise 0. */
  readonly mandatoryPrefix: 0 | 0x66 | 0xf2 | 0xf3;
  /** 66, F2 and F3 make other instructions of it, or none: `NP` in the SDM. */
  readonly noPrefix: boolean;
  readonly hasModrm: boolean;
  /** Opcode extension in ModRM.reg, -1 if that field is an operand or there is none. */
  readonly digit: number;
  /** ModRM.rm where the whole ModRM byte is part of the opcode (`D9 E8`), else -1. */
  readonly rm: number;
  /** Values of ModRM.reg that exist, as a bit mask: segment register 6, CR1 and the like raise #UD. */
  readonly regMask: number;
  /** The operand size changes what the form does, so a 66 prefix has an effect. */
  readonly usesOperandSize: boolean;
  /** The two operands may be named in either order (XCHG, TEST). */
  readonly commutes: boolean;
  /** A 32-bit register may be named for the word operand: the encoding is the same (MOV Sreg, LLDT ...). */
  readonly anyWidth: boolean;
  /** A memory operand of 16 bytes may lie anywhere; all others have to be aligned (SDM 1 10.4.1.1). */
  readonly unaligned: boolean;
  /** `memory`: #UD with mod = 3; `register`: #UD with mod below 3, or mod is ignored ({@link modIgnored}). */
  readonly modrmForm: "any" | "memory" | "register";
  /** mod is taken as 3 whatever it says (MOV CR and DR: SDM 2B "MOV - Move to/from Control Registers"). */
  readonly modIgnored: boolean;

  /** LOCK is allowed, with a memory destination only; anywhere else it raises #UD (SDM 2A "LOCK"). */
  readonly lockable: boolean;
  readonly repeatable: Repeatable;
  readonly privilege: Privilege;
  /** In virtual-8086 mode #GP(0) unless IOPL is 3 (SDM 3B 20.2.7). */
  readonly vm86Iopl: boolean;
  /** #UD in real and virtual-8086 mode. */
  readonly protectedOnly: boolean;
  readonly sensitivity: Sensitivity | undefined;
  readonly flow: Flow;
  readonly feature: Feature;
  /** Processors execute it, but the SDM's instruction pages leave it out. */
  readonly undocumented: boolean;
  /** A second encoding of another row: decoded, never chosen by the encoder. */
  readonly alias: boolean;

  /** EFLAGS masks: tested; set to a defined value; left undefined. */
  readonly flagsRead: number;
  readonly flagsWritten: number;
  readonly flagsUndefined: number;
  /** The flags above may also stay as they are: shift counts of 0, repeated compares with (E)CX 0. */
  readonly flagsMayStay: boolean;

  /** Section of the SDM's volume 2, such as "ADD" or "CMOVcc". */
  readonly manual: string;
}
