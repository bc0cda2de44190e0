import { at, FPU_PENDING, segment, unavailable } from "../../../state/layout.ts";
import * as x from "../../../wasm/expression.ts";
import type { Int } from "../../../wasm/expression.ts";
import type { Label } from "../../../wasm/function.ts";
import { I32 } from "../../../wasm/opcodes.ts";
import { type InstructionBuilder, segmentOffset } from "../../builder.ts";
import type { Semantics } from "../semantics.ts";
import type { FloatHelper } from "./helpers.ts";
import { type FloatValue, loadFloat, storeFloat } from "./number.ts";

const CS = 1;
const REGISTERS = 8;
const SLOT_SHIFT = 4;

/**
 * One x87 instruction as code for its frequent case. Whatever else it meets, it leaves the whole instruction to the host,
 * which knows everything (`cpu/fpu`); so nothing may be changed before the last `unless`.
 */
export class FloatBuilder {
  readonly b: InstructionBuilder;
  readonly #slow: Label;
  readonly #top: Int;
  readonly #tags: Int;
  #offset: Int | undefined;

  constructor(b: InstructionBuilder, slow: Label) {
    this.b = b;
    this.#slow = slow;
    const pending = x.and(b.get(at.fpuStatus), x.int(FPU_PENDING));
    b.f.branchIf(slow, x.or(x.and(b.get(at.unavailable), x.int(unavailable.mmx)), pending));
    this.#top = b.let(b.get(at.fpuTop));
    this.#tags = b.let(b.get(at.fpuTags));
  }

  get cpu(): Int {
    return this.b.source.cpu;
  }

  /** To the host if the condition does not hold. */
  unless(condition: Int): void {
    this.b.f.branchIf(this.#slow, x.isZero(condition));
  }

  /** The stack number that the instruction names. */
  get named(): Int {
    return x.loadInt(this.b.source.record, RECORD_A);
  }

  /** Physical number of ST(i). */
  physical(i: Int): Int {
    return this.b.let(x.and(x.add(this.#top, i), x.int(REGISTERS - 1)));
  }

  address(physical: Int): Int {
    return this.b.let(x.add(x.add(this.cpu, x.int(at.fpuRegisters)), x.shl(physical, x.int(SLOT_SHIFT))));
  }

  requireFull(physical: Int): void {
    this.unless(x.and(x.shrU(this.#tags, physical), x.int(1)));
  }

  /** Address of ST(i), which must not be empty. */
  full(i: Int): Int {
    const physical = this.physical(i);
    this.requireFull(physical);
    return this.address(physical);
  }

  read(address: Int): FloatValue {
    return loadFloat(this.b.f, address);
  }

  /** Physical number of the register that a push goes to, which must be empty. */
  room(): Int {
    const physical = this.physical(x.int(REGISTERS - 1));
    this.unless(x.isZero(x.and(x.shrU(this.#tags, physical), x.int(1))));
    return physical;
  }

  push(physical: Int, value: FloatValue): void {
    storeFloat(this.b.f, this.address(physical), value);
    this.b.set(at.fpuTop, physical);
    this.b.set(at.fpuTags, x.or(this.#tags, x.shl(x.int(1), physical)));
  }

  /** Marks ST(i) as not empty. */
  fill(physical: Int): void {
    this.b.set(at.fpuTags, x.or(this.b.get(at.fpuTags), x.shl(x.int(1), physical)));
  }

  pop(count: number): void {
    let tags = this.b.get(at.fpuTags);
    for (let i = 0; i < count; i++) {
      const bit = x.shl(x.int(1), x.and(x.add(this.#top, x.int(i)), x.int(REGISTERS - 1)));
      tags = x.and(tags, x.not(bit));
    }
    if (count === 0) return;
    this.b.set(at.fpuTags, tags);
    this.b.set(at.fpuTop, x.and(x.add(this.#top, x.int(count)), x.int(REGISTERS - 1)));
  }

  /** Calls a helper on two values; 0 where it gave up. */
  compute(helper: FloatHelper, target: Int, a: FloatValue, b: FloatValue): Int {
    const operands = [this.cpu, target, a.significand, a.top, b.significand, b.top];
    return x.call(I32, this.b.functionIndex(helper), operands);
  }

  /** Host address of the memory operand, all of which the TLB must allow to be read, or written. */
  memory(bytes: number, write: boolean): Int {
    const offset = this.offset();
    const linear = this.b.let(this.b.linearAt(0, offset, bytes, write ? 2 : 1));
    const { hit, host } = this.b.pageAccess(linear, write, bytes);
    this.unless(hit);
    return this.b.let(host);
  }

  offset(): Int {
    this.#offset ??= this.b.offset(0);
    return this.#offset;
  }

  /** Where the instruction, its operand and its opcode are (SDM 1 8.1.8, 8.1.9). */
  notePlace(): void {
    const { b } = this;
    b.set(at.fpuOpcode, b.source.immediate());
    b.set(at.fpuInstructionOffset, b.source.eip());
    b.set(at.fpuInstructionSelector, b.get(segmentOffset(CS) + segment.selector));
    if (!b.isMemory(0)) return;
    b.set(at.fpuDataOffset, this.offset());
    b.set(at.fpuDataSelector, x.loadInt(b.source.segment(), segment.selector));
  }
}

/** Offset of the first slot in a record, which holds the stack number here. */
const RECORD_A = 4;

/** The frequent case, or the host. */
export function floatCode(frequent: (f: FloatBuilder) => void, notes = true): Semantics {
  return (b) => {
    b.f.block((slow) => {
      const f = new FloatBuilder(b, slow);
      frequent(f);
      if (notes) f.notePlace();
      b.flow.next();
    });
    b.run("assist", [b.source.record]);
  };
}
