import { at, FPU_PENDING, unavailable } from "../../../state/layout.ts";
import * as x from "../../../wasm/expression.ts";
import type { Int, Vector } from "../../../wasm/expression.ts";
import * as v from "../../../wasm/vector.ts";
import type { InstructionBuilder } from "../../builder.ts";
import { vectorFault } from "../../imports.ts";

/** Sign and exponent that an x87 register has after an MMX instruction wrote to it (SDM 1 9.5.1). */
export const MMX_EXPONENT = 0xffff;
const ALL_VALID = 0xff;

/** Raises what using the registers of the instruction raises; comes before everything else. */
export function requireVectors(b: InstructionBuilder): void {
  const blocked = b.get(at.unavailable);
  if (b.shape.kinds.includes("xmm")) b.f.if(x.and(blocked, x.int(unavailable.xmm)), () => fault(b, vectorFault.xmm));
  if (b.shape.kinds.includes("mmx")) requireMmx(b);
}

/** MMX registers, as operands or not. */
export function requireMmx(b: InstructionBuilder): void {
  const pending = x.and(b.get(at.fpuStatus), x.int(FPU_PENDING));
  b.f.if(x.or(x.and(b.get(at.unavailable), x.int(unavailable.mmx)), pending), () => fault(b, vectorFault.mmx));
}

function fault(b: InstructionBuilder, reason: number): void {
  b.run("vectorFault", [b.source.record, x.int(reason)]);
}

/** Every MMX instruction but EMMS leaves an x87 stack that is full, with its top at R0 (SDM 1 9.5). */
export function enterMmx(b: InstructionBuilder): void {
  if (!b.shape.kinds.includes("mmx")) return;
  b.set(at.fpuTop, x.int(0));
  b.set(at.fpuTags, x.int(ALL_VALID));
}

const isRegister = (b: InstructionBuilder, position: number): boolean =>
  b.shape.kinds[position] === "mmx" || b.shape.kinds[position] === "xmm";

/** Operand as a vector: what there is less of than 16 bytes is followed by zeros. */
export function read(b: InstructionBuilder, position: number): Vector {
  const kind = b.shape.kinds[position];
  if (kind === "xmm") return b.f.let(v.loadVector(b.source.slot(position)));
  if (kind === "mmx") return b.f.let(v.loadLow(b.source.slot(position), 8));
  if (kind === "register") return b.f.let(v.replaceInt(v.zero, 0, b.signed(position)));
  return load(b, position);
}

/** The low `size` bytes of an operand, and zeros. */
export function readLow(b: InstructionBuilder, position: number, size: 4 | 8): Vector {
  if (isRegister(b, position)) return b.f.let(v.loadLow(b.source.slot(position), size));
  return read(b, position);
}

function load(b: InstructionBuilder, position: number): Vector {
  const width = b.widthOf(position);
  if (width < 8) return b.f.let(v.replaceInt(v.zero, 0, b.unsigned(position)));
  const linear = address(b, position, 1);
  const { hit, host } = b.pageAccess(linear, false, width);
  const value = b.f.variable(v.zero);
  const fetch = (from: Int, offset: number): Vector => (width === 16 ? v.loadVector(from, offset) : v.loadLow(from, 8, offset));
  b.f.if(
    hit,
    () => b.f.set(value, fetch(host, 0)),
    () => {
      b.run("readWide", [b.source.record, linear, x.int(b.accessOf(position) | width)]);
      b.f.set(value, fetch(b.source.cpu, at.wide));
    },
  );
  return value;
}

/** Linear address of a memory operand; #GP(0) if it has to be aligned and is not. */
function address(b: InstructionBuilder, position: number, need: 1 | 2): Int {
  const linear = b.linear(position, need);
  const mustAlign = b.shape.aligned && b.widthOf(position) === 16;
  if (mustAlign) b.f.if(x.and(linear, x.int(15)), () => fault(b, vectorFault.alignment));
  return linear;
}

/** Writes a whole operand. */
export function write(b: InstructionBuilder, position: number, value: Vector): void {
  const kind = b.shape.kinds[position];
  if (kind === "xmm") b.f.storeVector(b.source.slot(position), 0, value);
  else if (kind === "mmx") {
    b.f.storeLane(b.source.slot(position), 0, 8, value);
    b.f.storeInt(b.source.slot(position), 8, x.int(MMX_EXPONENT));
  } else if (kind === "register") b.write(position, v.extractInt(value, 0));
  else store(b, position, value);
}

/** Writes the low `size` bytes of an operand; of a register the rest stays. */
export function writeLow(b: InstructionBuilder, position: number, size: 4 | 8, value: Vector): void {
  if (isRegister(b, position)) b.f.storeLane(b.source.slot(position), 0, size, value);
  else store(b, position, value);
}

function store(b: InstructionBuilder, position: number, value: Vector): void {
  const width = b.widthOf(position);
  if (width < 8) {
    b.write(position, v.extractInt(value, 0));
    return;
  }
  const linear = address(b, position, 2);
  const { hit, host } = b.pageAccess(linear, true, width);
  const put = (to: Int, offset: number): void => (width === 16 ? b.f.storeVector(to, offset, value) : b.f.storeLane(to, offset, 8, value));
  b.f.if(
    hit,
    () => put(host, 0),
    () => {
      put(b.source.cpu, at.wide);
      b.run("writeWide", [b.source.record, linear, x.int(b.accessOf(position) | width)]);
    },
  );
}

/** The constant of an instruction, 0 to 255. */
export const constantByte = (b: InstructionBuilder): Int => b.let(x.and(b.source.immediate(), x.int(0xff)));
