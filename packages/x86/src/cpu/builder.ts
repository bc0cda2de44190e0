import { at, segment as segmentField, SS } from "../state/layout.ts";
import { tlb } from "../state/memory.ts";
import * as x from "../wasm/expression.ts";
import type { Int, Long } from "../wasm/expression.ts";
import type { FunctionBuilder } from "../wasm/function.ts";
import { I32 } from "../wasm/opcodes.ts";
import { access, type FunctionName, type ImportName } from "./imports.ts";
import { extend, loadSized, storeSized } from "./memory-values.ts";
import type { Flow, OperandSource, Shape, Size, Width } from "./shape.ts";

const ALL_ONES: Int = x.int(-1);
const PAGE_MASK: Int = x.int(~0xfff);

/** Makes the code of one instruction. Semantics are written against this class alone. */
export class InstructionBuilder {
  readonly f: FunctionBuilder;
  readonly source: OperandSource;
  readonly flow: Flow;
  readonly shape: Shape;
  readonly #functions: ReadonlyMap<FunctionName, number>;
  #linear: Int | undefined;
  /** The instruction ends its block. */
  ended = false;

  constructor(f: FunctionBuilder, source: OperandSource, flow: Flow, shape: Shape, functions: ReadonlyMap<FunctionName, number>) {
    this.f = f;
    this.source = source;
    this.flow = flow;
    this.shape = shape;
    this.#functions = functions;
  }

  /** Size of operand 0, which is the size of most instructions. */
  get size(): Size {
    return this.sizeOf(0);
  }

  sizeOf(position: number): Size {
    const width = this.widthOf(position);
    if (width > 4) throw new Error(`operand ${position} has ${width} bytes`);
    // 8 and 16 are excluded.
    return width as Size;
  }

  widthOf(position: number): Width {
    return this.shape.sizes[position] ?? this.shape.operandSize;
  }

  isMemory(position: number): boolean {
    const kind = this.shape.kinds[position];
    return kind === "flat" || kind === "base" || kind === "checked";
  }

  let<T extends typeof I32>(value: x.Expression<T>): x.Expression<T> {
    return this.f.let(value);
  }

  letLong(value: Long): Long {
    return this.f.let(value);
  }

  // State words.

  get(offset: number): Int {
    return x.loadInt(this.source.cpu, offset);
  }

  set(offset: number, value: Int): void {
    this.f.storeInt(this.source.cpu, offset, value);
  }

  setLong(offset: number, value: Long): void {
    this.f.storeLong(this.source.cpu, offset, value);
  }

  // Operands.

  /** Operand, sign-extended to 32 bits. */
  signed(position: number): Int {
    return this.let(this.#read(position, true));
  }

  /** Operand, zero-extended to 32 bits. */
  unsigned(position: number): Int {
    return this.let(this.#read(position, false));
  }

  write(position: number, value: Int): void {
    if (this.isMemory(position)) this.store(this.linear(position, 2), this.sizeOf(position), value, this.accessOf(position));
    else this.source.setRegister(position, this.sizeOf(position), value);
  }

  /**
   * Replaces an operand by a function of its value (sign-extended). Memory is checked for writing before it is read,
   * and `compute` is followed by nothing that can fault but the store itself.
   */
  modify(position: number, compute: (value: Int) => Int): void {
    const size = this.sizeOf(position);
    if (!this.isMemory(position)) {
      this.source.setRegister(position, size, compute(this.signed(position)));
      return;
    }
    this.update(this.linear(position, 2), size, compute, this.accessOf(position));
  }

  /** As `modify`, for memory at a linear address. */
  update(linear: Int, size: Size, compute: (value: Int) => Int, how: number): void {
    const entry = this.#entry(linear);
    const host = this.f.variable(x.int(0));
    const value = this.f.variable(x.int(0));
    this.f.if(
      this.#hit(entry, tlb.write, linear, size),
      () => {
        this.f.set(host, x.add(linear, x.loadInt(entry, tlb.addend)));
        this.f.set(value, loadSized(host, size, true));
      },
      () => {
        const slow = this.call("updateSlow", [this.source.record, linear, x.int(how | size)]);
        this.f.set(value, extend(slow, size, true));
      },
    );
    const result = this.let(compute(value));
    this.f.if(
      host,
      () => storeSized(this.f, host, size, result),
      () => this.f.call(this.functionIndex("writeSlow"), [this.source.record, linear, result, x.int(how | size)]),
    );
  }

  #read(position: number, signed: boolean): Int {
    const size = this.sizeOf(position);
    const kind = this.shape.kinds[position];
    if (kind === undefined) throw new Error(`operand ${position} of an instruction that has only ${this.shape.kinds.length}`);
    switch (kind) {
      case "register":
        return this.source.register(position, size, signed);
      case "immediate":
        return signed || size === 4 ? this.source.immediate() : x.and(this.source.immediate(), x.int(size === 1 ? 0xff : 0xffff));
      case "segment":
        return this.source.selector(position);
      case "count":
        return this.source.fixed(1, 1, signed);
      case "mmx":
      case "xmm":
        throw new Error(`operand ${position} is a vector`);
      case "flat":
      case "base":
      case "checked":
        return this.load(this.linear(position, 1), size, signed, this.accessOf(position));
    }
  }

  /** How a slow path checks a memory operand. */
  accessOf(position: number): number {
    return this.shape.kinds[position] === "checked" ? 0 : access.flat;
  }

  // Memory.

  /** Offset of the memory operand, reduced to the address size. */
  offset(position: number): Int {
    const kind = this.shape.kinds[position];
    const offset = this.source.offset(kind !== "base");
    return this.let(kind === "checked" ? x.and(offset, this.source.addressMask()) : offset);
  }

  /** Linear address of the memory operand; `need` 1 to read, 2 to write. Computed once an instruction. */
  linear(position: number, need: 1 | 2): Int {
    this.#linear ??= this.linearAt(position, this.offset(position), this.widthOf(position), need);
    return this.#linear;
  }

  /** Linear address of `size` bytes at an offset in the memory operand's segment. */
  linearAt(position: number, offset: Int, size: number, need: 1 | 2): Int {
    if (this.shape.kinds[position] !== "checked") return offset;
    return this.segmented(this.source.segment(), offset, size, need, 0);
  }

  /** Checks type and limit of a segment; gives the linear address. */
  segmented(cache: Int, offset: Int, size: number, need: 1 | 2, how: number): Int {
    const operands = [this.source.record, cache, offset, x.int(size | how), x.int(need)];
    return this.let(x.call(I32, this.functionIndex("segmented"), operands));
  }

  /** Reads memory at a linear address that stays valid if used twice. */
  load(linear: Int, size: Size, signed: boolean, how: number): Int {
    const entry = this.#entry(linear);
    const value = this.f.variable(x.int(0));
    this.f.if(
      this.#hit(entry, tlb.read, linear, size),
      () => this.f.set(value, loadSized(x.add(linear, x.loadInt(entry, tlb.addend)), size, signed)),
      () => {
        const slow = this.call("readSlow", [this.source.record, linear, x.int(how | size)]);
        this.f.set(value, signed ? extend(slow, size, true) : slow);
      },
    );
    return value;
  }

  store(linear: Int, size: Size, value: Int, how: number): void {
    const stored = this.let(value);
    const entry = this.#entry(linear);
    this.f.if(
      this.#hit(entry, tlb.write, linear, size),
      () => storeSized(this.f, x.add(linear, x.loadInt(entry, tlb.addend)), size, stored),
      () => this.f.call(this.functionIndex("writeSlow"), [this.source.record, linear, stored, x.int(how | size)]),
    );
  }

  /** Whether the TLB allows reading, or writing, `size` bytes (of 1: the whole rest of the page) from `linear` on; and the host address. */
  pageAccess(linear: Int, write: boolean, size: number = 1): { hit: Int; host: Int } {
    const entry = this.#entry(linear);
    const hit = this.#hit(entry, write ? tlb.write : tlb.read, linear, size);
    return { hit, host: x.add(linear, x.loadInt(entry, tlb.addend)) };
  }

  /** The TLB entry: bits 12 to 23 of the address, 16 bytes each. */
  #entry(linear: Int): Int {
    return this.let(x.add(this.get(at.tlb), x.and(x.shrU(linear, x.int(8)), x.int(0xfff0))));
  }

  /** One compare covers miss, permission, and leaving the page: the tag is compared with the page of the last byte. */
  #hit(entry: Int, kind: number, linear: Int, size: number): Int {
    return x.eq(x.loadInt(entry, kind), x.and(x.add(linear, x.int(size - 1)), PAGE_MASK));
  }

  // Stack. ESP changes only after the last access that may fault.

  #stackMask(): Int {
    // SS.B (bit 14 of the attributes) chooses ESP or SP (SDM 3A 3.4.5).
    const big = x.and(this.get(segmentOffset(SS) + segmentField.attributes), x.int(1 << 14));
    return x.select(big, ALL_ONES, x.int(0xffff));
  }

  /** Linear address of `size` bytes at SP + `delta`. */
  stackLinear(delta: Int, size: Size, need: 1 | 2): Int {
    const offset = x.add(this.source.fixed(4, 4, false), delta);
    if (this.shape.flatStack) return this.let(offset);
    const cache = x.add(this.source.cpu, x.int(segmentOffset(SS)));
    return this.segmented(cache, this.let(x.and(offset, this.#stackMask())), size, need, access.stack);
  }

  get stackAccess(): number {
    return access.stack | (this.shape.flatStack ? access.flat : 0);
  }

  /** The stack pointer after adding `delta`: of a 16-bit stack only SP changes. */
  stackPointer(delta: Int): Int {
    const esp = this.source.fixed(4, 4, false);
    if (this.shape.flatStack) return x.add(esp, delta);
    const mask = this.let(this.#stackMask());
    return x.or(x.and(x.add(esp, delta), mask), x.and(esp, x.not(mask)));
  }

  setStackPointer(value: Int): void {
    this.source.setFixed(4, 4, value);
  }

  push(value: Int, size: Size): void {
    const pushed = this.let(value);
    this.store(this.stackLinear(x.int(-size), size, 2), size, pushed, this.stackAccess);
    this.setStackPointer(this.stackPointer(x.int(-size)));
  }

  /** The value on top of the stack; the stack pointer stays. */
  top(size: Size): Int {
    return this.load(this.stackLinear(x.int(0), size, 1), size, false, this.stackAccess);
  }

  // Flags, as state/flags.ts keeps them; operands and results are sign-extended.

  setResult(value: Int): void {
    this.setLong(at.result, x.extendSigned(value));
  }

  setCarry(value: Int): void {
    this.set(at.carry, value);
  }

  /** OF from a 0-or-1 value. */
  setOverflowBit(value: Int): void {
    this.set(at.overflow, x.sub(x.int(0), value));
  }

  /** The low word's ZF. */
  zero(): Int {
    return x.isZero(this.get(at.result));
  }

  /** EFLAGS as software sees it. */
  flags(): Int {
    return x.call(I32, this.functionIndex("readFlags"), [this.source.cpu]);
  }

  // Calls.

  functionIndex(name: FunctionName): number {
    const index = this.#functions.get(name);
    if (index === undefined) throw new Error(`generated code has no function ${name}`);
    return index;
  }

  /** A call with a result, computed now. */
  call(name: ImportName, operands: readonly Int[]): Int {
    return this.let(x.call(I32, this.functionIndex(name), operands));
  }

  /** A call without result. */
  run(name: ImportName, operands: readonly Int[]): void {
    this.f.call(this.functionIndex(name), operands);
  }

  // Ends of a block.

  /** To EIP `target` (already reduced to the operand size). */
  jump(target: Int): void {
    this.ended = true;
    this.set(at.eip, target);
    this.flow.dispatch();
  }

  branch(taken: boolean): void {
    this.ended = true;
    this.flow.branch(taken);
  }
}

export function segmentOffset(number: number): number {
  return at.segments + number * 32;
}
