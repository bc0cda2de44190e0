import { at } from "../state/layout.ts";
import { extend, loadSized } from "../cpu/memory-values.ts";
import type { OperandSource, Size } from "../cpu/shape.ts";
import { byteRegister } from "../state/memory.ts";
import * as x from "../wasm/expression.ts";
import type { Int } from "../wasm/expression.ts";
import type { FunctionBuilder } from "../wasm/function.ts";
import { I32 } from "../wasm/opcodes.ts";
import { record } from "./record.ts";

/** Operands out of a record: what makes one handler serve every instruction of its shape. */
export class RecordSource implements OperandSource {
  readonly cpu: Int;
  readonly record: Int;
  readonly #f: FunctionBuilder;

  constructor(f: FunctionBuilder) {
    this.#f = f;
    this.cpu = f.parameter(I32, 0);
    this.record = f.parameter(I32, 1);
  }

  #field(offset: number): Int {
    return x.loadInt(this.record, offset);
  }

  #slot(position: number): Int {
    return this.#field(position === 0 ? record.a : record.b);
  }

  register(position: number, size: Size, signed: boolean): Int {
    return loadSized(this.#slot(position), size, signed);
  }

  setRegister(position: number, size: Size, value: Int): void {
    this.#store(this.#slot(position), 0, size, value);
  }

  selector(position: number): Int {
    return x.loadInt(this.#slot(position));
  }

  slot(position: number): Int {
    return this.#slot(position);
  }

  fixed(number: number, size: Size, signed: boolean): Int {
    return loadSized(this.cpu, size, signed, fixedOffset(number, size));
  }

  setFixed(number: number, size: Size, value: Int): void {
    this.#store(this.cpu, fixedOffset(number, size), size, value);
  }

  immediate(): Int {
    return this.#field(record.immediate);
  }

  offset(indexed: boolean): Int {
    const base = x.add(x.loadInt(this.#field(record.base)), this.#field(record.displacement));
    if (!indexed) return base;
    return x.add(base, x.shl(x.loadInt(this.#field(record.index)), x.loadByte(this.record, record.scale)));
  }

  addressMask(): Int {
    return this.#field(record.mask);
  }

  segment(): Int {
    return this.#field(record.segment);
  }

  eip(): Int {
    return this.#field(record.eip);
  }

  nextEip(): Int {
    return this.#field(record.next);
  }

  target(): Int {
    return this.#field(record.immediate);
  }

  #store(address: Int, offset: number, size: Size, value: Int): void {
    if (size === 4) this.#f.storeInt(address, offset, value);
    else if (size === 2) this.#f.storeWord(address, offset, value);
    else this.#f.storeByte(address, offset, extend(value, 1, false));
  }
}

function fixedOffset(number: number, size: Size): number {
  return size === 1 ? byteRegister(number) : at.registers + number * 4;
}
