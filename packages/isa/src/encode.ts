import { addressSizeOf, defaultSegment, putAddress } from "./address.ts";
import { type Candidate, candidates } from "./candidates.ts";
import { MAXIMUM_LENGTH } from "./decode.ts";
import { position, put, put8, reset, take } from "./emit.ts";
import type { Encoded, EncodeOptions, Field } from "./encoded.ts";
import { EncodeError } from "./errors.ts";
import { match, matches } from "./match.ts";
import type { Mnemonic } from "../tables/mnemonic.ts";
import type { Operand } from "./operand.ts";
import type { SegmentRegister } from "./register.ts";
import type { Row } from "./row.ts";

const noOperands: readonly Operand[] = [];
const noOptions: EncodeOptions = {};
const noPrefixes: readonly number[] = [];

/**
 * Encodes one instruction.
 * @param operands in Intel order, without those that string instructions imply (a segment prefix for these goes
 *   into `ignoredPrefixes`)
 * @throws EncodeError if no form takes the operands, a constant does not fit, or LOCK or REP is not allowed
 */
export function encode(mnemonic: Mnemonic, operands: readonly Operand[] = noOperands, options: EncodeOptions = noOptions): Encoded {
  const lists = candidates.get(mnemonic);
  if (lists === undefined) throw new EncodeError(`there is no instruction "${mnemonic}"`);
  const list = options.shortest === false ? lists.longest : lists.shortest;
  for (const candidate of list) {
    if (matches(candidate, operands, options)) return emit(candidate, options);
  }
  throw new EncodeError(noFormMessage(mnemonic, operands, list));
}

/** Writes what {@link match} holds. */
function emit(candidate: Candidate, options: EncodeOptions): Encoded {
  const row = candidate.row;
  const bits = options.bits ?? 32;
  const memory = match.memory;
  const addressSize = memory === undefined ? candidate.addressSize || bits : addressSizeOf(memory, bits);
  reset();
  putPrefixes(row, options, addressSize !== bits, bits);
  if (row.map === 1) put8(0x0f);
  put8(row.plusRegister ? row.opcodeByte | match.reg : row.opcodeByte);

  const displacement = putOperandBytes(row, addressSize, options);
  const immediate = putImmediates();
  if (position() > MAXIMUM_LENGTH) {
    throw new EncodeError(`${row.mnemonic} with these prefixes has ${position()} bytes; ${MAXIMUM_LENGTH} are the most`);
  }
  const bytes = take();
  if (displacement === undefined) return immediate === undefined ? { bytes } : { bytes, immediate };
  return immediate === undefined ? { bytes, displacement } : { bytes, displacement, immediate };
}

const segmentPrefixes: Readonly<Record<SegmentRegister, number>> = { es: 0x26, cs: 0x2e, ss: 0x36, ds: 0x3e, fs: 0x64, gs: 0x65 };

function putPrefixes(row: Row, options: EncodeOptions, otherAddressSize: boolean, bits: 16 | 32): void {
  for (const prefix of options.ignoredPrefixes ?? noPrefixes) put8(prefix);
  if (options.lock === true) putLock(row);
  if (options.repeat !== undefined) putRepeat(row, options.repeat);
  const memory = match.memory;
  if (memory?.segment !== undefined && memory.segment !== defaultSegment(memory)) put8(segmentPrefixes[memory.segment]);
  if (row.usesOperandSize && match.operandSize !== bits) put8(0x66);
  if (otherAddressSize) put8(0x67);
  if (row.mandatoryPrefix !== 0) put8(row.mandatoryPrefix);
}

function putLock(row: Row): void {
  if (!row.lockable || match.memory === undefined) {
    throw new EncodeError(`lock ${row.mnemonic}: LOCK takes a read-modify-write of memory (SDM 2A "LOCK")`);
  }
  put8(0xf0);
}

function putRepeat(row: Row, repeat: "rep" | "repne"): void {
  if (row.repeatable === "no" || (repeat === "repne" && row.repeatable === "count")) {
    throw new EncodeError(`${repeat} ${row.mnemonic}: REP is for string instructions, REPNE for CMPS and SCAS`);
  }
  put8(repeat === "rep" ? 0xf3 : 0xf2);
}

/** ModRM with what belongs to it, or the address of the moffs forms of MOV. */
function putOperandBytes(row: Row, addressSize: 16 | 32, options: EncodeOptions): Field | undefined {
  const memory = match.memory;
  if (row.hasModrm) {
    const reg = row.digit >= 0 ? row.digit : match.reg;
    if (memory !== undefined) return putAddress(memory, reg, addressSize, options);
    put8(0xc0 | (reg << 3) | Math.max(match.rm, row.rm, 0));
    return undefined;
  }
  if (memory === undefined) return undefined;
  const offset = position();
  put(memory.displacement ?? 0, addressSize / 8);
  return { offset, size: addressSize / 8 };
}

function putImmediates(): Field | undefined {
  const form = match.immediateForm;
  if (form === undefined) return undefined;
  const offset = position();
  const size = form.type === "b" || form.type === "bs" ? 1 : form.type === "w" || match.operandSize === 16 ? 2 : 4;
  put(match.immediate, size);
  if (match.far !== undefined) put(match.far.selector, 2);
  else if (match.immediate2 !== undefined) put8(match.immediate2);
  return { offset, size };
}

function noFormMessage(mnemonic: Mnemonic, operands: readonly Operand[], list: readonly Candidate[]): string {
  const asked = operands.map(describe).join(", ");
  const forms = list.map(({ operands: codes }) => codes.map(({ code }) => code).join(",") || "no operands");
  return `no form of ${mnemonic} takes (${asked}); there are: ${[...new Set(forms)].join(" | ")} (operand codes of SDM 2D appendix A.2; memory needs a size unless a register tells it)`;
}

function describe(operand: Operand): string {
  switch (operand.kind) {
    case "register":
      return operand.register;
    case "immediate":
      return String(operand.value);
    case "memory":
      return `memory${operand.size === undefined ? "" : operand.size}`;
    case "relative":
      return `relative${operand.size} ${operand.displacement}`;
    case "far":
      return `${operand.selector}:${operand.offset}`;
  }
}
