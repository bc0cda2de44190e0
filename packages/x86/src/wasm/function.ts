import { Bytes } from "./bytes.ts";
import { local, type Expression, type Int, type Long, type Vector } from "./expression.ts";
import { bulk, control, EMPTY_BLOCK, store, type ValueType } from "./opcodes.ts";
import { v128 } from "./simd.ts";

/** A block that can be left (or a loop that can be repeated) by `branch`. */
export interface Label {
  readonly depth: number;
}

/** A named value that can be given another one. */
export interface Variable<T extends ValueType> extends Expression<T> {
  readonly index: number;
}

/** Collects the statements of one WebAssembly function without result. */
export class FunctionBuilder {
  readonly #code: Bytes = new Bytes();
  readonly #parameters: number;
  readonly #locals: ValueType[] = [];
  #depth = 0;

  constructor(parameters: number) {
    this.#parameters = parameters;
  }

  parameter<T extends ValueType>(type: T, index: number): Variable<T> {
    return { ...local(type, index), index };
  }

  /** Computes the value now and names it. Constants name themselves. */
  let<T extends ValueType>(value: Expression<T>): Expression<T> {
    return value.constant === undefined ? this.variable(value) : value;
  }

  variable<T extends ValueType>(initial: Expression<T>): Variable<T> {
    const index = this.#parameters + this.#locals.length;
    this.#locals.push(initial.type);
    const variable = { ...local(initial.type, index), index };
    this.set(variable, initial);
    return variable;
  }

  set<T extends ValueType>(variable: Variable<T>, value: Expression<T>): void {
    value.emit(this.#code);
    this.#code.byte(control.localSet);
    this.#code.unsigned(variable.index);
  }

  storeInt(address: Int, offset: number, value: Int): void {
    this.#store(store.i32, address, offset, value);
  }

  storeWord(address: Int, offset: number, value: Int): void {
    this.#store(store.i32To16, address, offset, value);
  }

  storeByte(address: Int, offset: number, value: Int): void {
    this.#store(store.i32To8, address, offset, value);
  }

  storeLong(address: Int, offset: number, value: Long): void {
    this.#store(store.i64, address, offset, value);
  }

  storeVector(address: Int, offset: number, value: Vector): void {
    address.emit(this.#code);
    value.emit(this.#code);
    this.#code.byte(control.simd);
    this.#code.unsigned(v128.store);
    this.#code.unsigned(0);
    this.#code.unsigned(offset);
  }

  /** Stores lane 0 of 4 or 8 bytes. */
  storeLane(address: Int, offset: number, size: 4 | 8, value: Vector): void {
    address.emit(this.#code);
    value.emit(this.#code);
    this.#code.byte(control.simd);
    this.#code.unsigned(size === 4 ? v128.store32Lane : v128.store64Lane);
    this.#code.unsigned(0);
    this.#code.unsigned(offset);
    this.#code.byte(0);
  }

  if(condition: Int, then: () => void, otherwise?: () => void): void {
    if (condition.constant !== undefined) {
      if (condition.constant !== 0) then();
      else otherwise?.();
      return;
    }
    condition.emit(this.#code);
    this.#open(control.if);
    then();
    if (otherwise !== undefined) {
      this.#code.byte(control.else);
      otherwise();
    }
    this.#close();
  }

  block(body: (end: Label) => void): void {
    this.#open(control.block);
    body({ depth: this.#depth });
    this.#close();
  }

  loop(body: (start: Label) => void): void {
    this.#open(control.loop);
    body({ depth: this.#depth });
    this.#close();
  }

  branch(label: Label): void {
    this.#code.byte(control.br);
    this.#code.unsigned(this.#depth - label.depth);
  }

  branchIf(label: Label, condition: Int): void {
    condition.emit(this.#code);
    this.#code.byte(control.brIf);
    this.#code.unsigned(this.#depth - label.depth);
  }

  return(value?: Expression<ValueType>): void {
    value?.emit(this.#code);
    this.#code.byte(control.return);
  }

  /** Calls a function that has no result. */
  call(index: number, operands: readonly Expression<ValueType>[]): void {
    for (const operand of operands) operand.emit(this.#code);
    this.#code.byte(control.call);
    this.#code.unsigned(index);
  }

  /** Leaves this function by a jump to another of the same results (tail call). */
  jump(index: number, operands: readonly Expression<ValueType>[]): void {
    for (const operand of operands) operand.emit(this.#code);
    this.#code.byte(control.returnCall);
    this.#code.unsigned(index);
  }

  /** Leaves this function by a jump through table 0; `type` is the callee's type index. */
  jumpIndirect(type: number, target: Int, operands: readonly Expression<ValueType>[]): void {
    for (const operand of operands) operand.emit(this.#code);
    target.emit(this.#code);
    this.#code.byte(control.returnCallIndirect);
    this.#code.unsigned(type);
    this.#code.byte(0);
  }

  /** Calls through table 0 a function without result. */
  callIndirect(type: number, target: Int, operands: readonly Expression<ValueType>[]): void {
    for (const operand of operands) operand.emit(this.#code);
    target.emit(this.#code);
    this.#code.byte(control.callIndirect);
    this.#code.unsigned(type);
    this.#code.byte(0);
  }

  /** Copies bytes as if through a buffer: the regions may overlap. */
  copyMemory(to: Int, from: Int, bytes: Int): void {
    for (const operand of [to, from, bytes]) operand.emit(this.#code);
    this.#code.byte(control.bulk);
    this.#code.unsigned(bulk.memoryCopy);
    this.#code.byte(0);
    this.#code.byte(0);
  }

  fillMemory(to: Int, value: Int, bytes: Int): void {
    for (const operand of [to, value, bytes]) operand.emit(this.#code);
    this.#code.byte(control.bulk);
    this.#code.unsigned(bulk.memoryFill);
    this.#code.byte(0);
  }

  unreachable(): void {
    this.#code.byte(control.unreachable);
  }

  /** The function body of the code section: locals, then instructions (WebAssembly Core 5.5.13). */
  body(): Uint8Array {
    const out = new Bytes();
    out.unsigned(this.#locals.length);
    for (const type of this.#locals) {
      out.unsigned(1);
      out.byte(type);
    }
    out.append(this.#code.view());
    out.byte(control.end);
    return out.view();
  }

  #store(opcode: number, address: Int, offset: number, value: Expression<ValueType>): void {
    address.emit(this.#code);
    value.emit(this.#code);
    this.#code.byte(opcode);
    this.#code.unsigned(0);
    this.#code.unsigned(offset);
  }

  #open(opcode: number): void {
    this.#code.byte(opcode);
    this.#code.byte(EMPTY_BLOCK);
    this.#depth++;
  }

  #close(): void {
    this.#code.byte(control.end);
    this.#depth--;
  }
}
