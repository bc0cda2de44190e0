import { type Register, registerInfo } from "./register.ts";
import { flagBits, type Method, type OperandForm, type OperandType } from "./row.ts";

/** An opcode in the SDM's notation, taken apart. */
export interface Opcode {
  readonly mandatoryPrefix: 0 | 0x66 | 0xf2 | 0xf3;
  /** `NP`: 66, F2 and F3 are not allowed. */
  readonly noPrefix: boolean;
  readonly map: 0 | 1;
  readonly byte: number;
  readonly plusRegister: boolean;
  readonly hasModrm: boolean;
  /** -1 for `/r` and without ModRM. */
  readonly digit: number;
  /** -1 unless the whole ModRM byte is given. */
  readonly rm: number;
}

const opcodePattern = /^(?:(NP|66|F2|F3) )?(0F )?([0-9A-F]{2})(\+r)?(?: \/(r|[0-7])| ([C-F][0-9A-F])(\+i)?)?$/;

/**
 * Parses an opcode: `50+r`, `81 /0`, `0F B6 /r`, `F3 90`, `D8 C0+i`, `D9 E8`.
 * @throws SyntaxError if the text is not of this shape
 */
export function parseOpcode(text: string): Opcode {
  const match = opcodePattern.exec(text);
  if (match === null) throw new SyntaxError(`opcode "${text}" is not in the notation of SDM 2A 3.1.1.1`);
  const [, prefix, escape, byte = "", plus, modrm, whole, plusStack] = match;
  const modrmByte = whole === undefined ? -1 : Number.parseInt(whole, 16);
  return {
    mandatoryPrefix: prefix === "66" ? 0x66 : prefix === "F2" ? 0xf2 : prefix === "F3" ? 0xf3 : 0,
    noPrefix: prefix === "NP",
    map: escape === undefined ? 0 : 1,
    byte: Number.parseInt(byte, 16),
    plusRegister: plus !== undefined,
    hasModrm: modrm !== undefined || whole !== undefined,
    digit: modrmByte >= 0 ? (modrmByte >> 3) & 7 : modrm === undefined || modrm === "r" ? -1 : Number(modrm),
    rm: modrmByte >= 0 && plusStack === undefined ? modrmByte & 7 : -1,
  };
}

const codePattern = /^([EMRGSCDIJAOXYZPQNVWU])(bs|dq|ps|pd|ss|sd|pi|[bwdqvzpas]|)$/;

/** Registers and the constant that a form names itself, as the tables spell them. `v` goes by operand size. */
const fixedTypes: Readonly<Record<string, readonly [Register | undefined, OperandType]>> = {
  rAX: ["eax", "v"],
  eAX: ["eax", "z"],
  "1": [undefined, "b"],
  ST: ["st(0)", "st"],
};

/** Operands of the x87 unit, which the SDM's instruction pages name and appendix A.2 does not. */
const floatCodes: Readonly<Record<string, readonly [Method, OperandType]>> = {
  m32fp: ["M", "f32"],
  m64fp: ["M", "f64"],
  m80fp: ["M", "f80"],
  m16int: ["M", "i16"],
  m32int: ["M", "i32"],
  m64int: ["M", "i64"],
  m80bcd: ["M", "bcd"],
  m2byte: ["M", "w"],
  "m14/28byte": ["M", "env"],
  "m94/108byte": ["M", "state"],
  "ST(i)": ["R", "st"],
};

/**
 * Parses an operand code: `Ev`, `Ibs`, `rAX`, `CL`, `DX`, `ES`, `1`, `m32fp`, `ST(i)`.
 * @throws SyntaxError if there is no such code
 */
export function parseOperand(code: string): OperandForm {
  const fixed = fixedTypes[code] ?? fixedRegister(code);
  if (fixed !== undefined) return { code, method: "fixed", register: fixed[0], type: fixed[1] };

  const float = floatCodes[code];
  if (float !== undefined) return { code, method: float[0], register: undefined, type: float[1] };

  const match = codePattern.exec(code);
  if (match === null) throw new SyntaxError(`operand "${code}" is not in the notation of SDM 2D appendix A.2`);
  // The pattern admits exactly the members of the two unions.
  return { code, method: match[1] as Method, type: match[2] as OperandType, register: undefined };
}

function fixedRegister(code: string): readonly [Register, OperandType] | undefined {
  for (const info of registerInfo.values()) {
    if (info.name.toUpperCase() === code) return [info.name, info.class === "general8" ? "b" : "w"];
  }
  return undefined;
}

/**
 * EFLAGS mask of flag letters.
 * @throws SyntaxError if a letter names no flag
 */
export function parseFlags(letters: string): number {
  let mask = 0;
  for (const letter of letters) {
    const bits = flagBits[letter];
    if (bits === undefined) throw new SyntaxError(`"${letter}" of "${letters}" is no flag`);
    mask |= bits;
  }
  return mask;
}
