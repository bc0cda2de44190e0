/** IA-32 as one typed table, with decoder, encoder and disassembler derived from it. */
export { mnemonics } from "./candidates.ts";
export { decode, MAXIMUM_LENGTH } from "./decode.ts";
export { disassemble, type Disassembled, type Syntax } from "./disassemble.ts";
export { encode } from "./encode.ts";
export type { Encoded, EncodeOptions, Field } from "./encoded.ts";
export { EncodeError } from "./errors.ts";
export type { Decoded, Instruction, Repeat, Undecodable } from "./instruction.ts";
export { type Condition, conditions } from "../tables/condition.ts";
export type { FloatOperation, Mnemonic } from "../tables/mnemonic.ts";
export type { SimdMnemonic } from "../tables/simd/mnemonic.ts";
export type { FarOperand, ImmediateOperand, MemoryOperand, Operand, RegisterOperand, RelativeOperand } from "./operand.ts";
export { isInReg, isRegisterOnly, takesMemory, vectorClass } from "./method.ts";
export { operandsOf, sizeOf } from "./operands.ts";
export {
  type ControlRegister,
  controlRegisters,
  type DebugRegister,
  debugRegisters,
  type Register,
  type Register16,
  type Register32,
  type Register8,
  type RegisterClass,
  type RegisterInfo,
  registerInfo,
  type MmxRegister,
  mmxRegisters,
  registers16,
  registers32,
  registers8,
  type SegmentRegister,
  segmentRegisters,
  type StackRegister,
  stackRegisters,
  type XmmRegister,
  xmmRegisters,
} from "./register.ts";
export {
  type Feature,
  type FloatType,
  flagBits,
  type Flow,
  type Method,
  type OperandForm,
  type OperandType,
  type Privilege,
  type Repeatable,
  type Row,
  type Sensitivity,
  type SizeNames,
  type VectorType,
} from "./row.ts";
export { isVector, isX87, rows } from "./rows.ts";
export { isSensitive, type SensitiveForm, sensitiveForm } from "./sensitive.ts";
