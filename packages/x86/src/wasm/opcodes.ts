/** Value types and instruction codes of the WebAssembly binary format (WebAssembly Core 2.0, sections 5.3 and 5.4). */
export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;
export type ValueType = typeof I32 | typeof I64 | typeof F32 | typeof F64 | typeof V128;

/** Block type of a block without result. */
export const EMPTY_BLOCK = 0x40;

/** Control and variable instructions. */
export const control = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  /** Tail-call proposal, part of WebAssembly 3.0. */
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  drop: 0x1a,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  i32Const: 0x41,
  i64Const: 0x42,
  /** Prefix of the operations in {@link bulk}. */
  bulk: 0xfc,
  /** Prefix of the operations in `simd.ts`. */
  simd: 0xfd,
} as const;

export const bulk = { memoryCopy: 10, memoryFill: 11 } as const;

export const load = {
  i32: 0x28,
  i64: 0x29,
  i32From8Signed: 0x2c,
  i32From8: 0x2d,
  i32From16Signed: 0x2e,
  i32From16: 0x2f,
} as const;

export const store = { i32: 0x36, i64: 0x37, i32To8: 0x3a, i32To16: 0x3b } as const;

export const i32 = {
  eqz: 0x45,
  eq: 0x46,
  ne: 0x47,
  ltS: 0x48,
  ltU: 0x49,
  gtS: 0x4a,
  gtU: 0x4b,
  leS: 0x4c,
  leU: 0x4d,
  geS: 0x4e,
  geU: 0x4f,
  clz: 0x67,
  ctz: 0x68,
  popcnt: 0x69,
  add: 0x6a,
  sub: 0x6b,
  mul: 0x6c,
  divS: 0x6d,
  divU: 0x6e,
  remS: 0x6f,
  remU: 0x70,
  and: 0x71,
  or: 0x72,
  xor: 0x73,
  shl: 0x74,
  shrS: 0x75,
  shrU: 0x76,
  rotl: 0x77,
  rotr: 0x78,
  wrapI64: 0xa7,
  extend8S: 0xc0,
  extend16S: 0xc1,
} as const;

export const f64 = { sqrt: 0x9f, fromI64U: 0xba, toI64U: 0xb1 } as const;

export const i64 = {
  eqz: 0x50,
  eq: 0x51,
  ne: 0x52,
  ltS: 0x53,
  ltU: 0x54,
  gtS: 0x55,
  gtU: 0x56,
  leS: 0x57,
  leU: 0x58,
  geS: 0x59,
  geU: 0x5a,
  clz: 0x79,
  add: 0x7c,
  sub: 0x7d,
  mul: 0x7e,
  divS: 0x7f,
  divU: 0x80,
  remS: 0x81,
  remU: 0x82,
  and: 0x83,
  or: 0x84,
  xor: 0x85,
  shl: 0x86,
  shrS: 0x87,
  shrU: 0x88,
  rotl: 0x89,
  extendI32S: 0xac,
  extendI32U: 0xad,
} as const;
