import { Cursor } from "./cursor.ts";
import { effectsOf } from "../backend/reorder.ts";
import { skipImmediates } from "./immediates.ts";
import type { AnyValueType, FunctionType, ValueType, WasmModule } from "./module.ts";
import { typeOfFunction } from "./module.ts";
import { bulk, control, opcodes, type OpcodeRow } from "./opcodes.ts";
import { OperandStack } from "./operands.ts";
import type { Expression, FunctionTree, Label, Statement } from "./tree.ts";
import { UnsupportedError } from "./unsupported.ts";

export { UnsupportedError };

interface Frame {
  readonly kind: "function" | "block" | "loop" | "if" | "else";
  readonly label: Label;
  /** Local that carries the block's value to its end. */
  readonly result: number | null;
  /** Statements around the block, to return to at its end. */
  readonly outer: Statement[];
  readonly condition: Expression | null;
  readonly whenTrue: readonly Statement[];
  readonly height: number;
  readonly at: number;
}

/** Builds the tree of one defined function (`index` counts imports first). Throws {@link UnsupportedError}. */
export function readBody(module: WasmModule, index: number, name: string): FunctionTree {
  return new BodyReader(module, index, name).read();
}

class BodyReader {
  private readonly module: WasmModule;
  private readonly name: string;
  private readonly cursor: Cursor;
  private readonly type: FunctionType;
  private readonly frames: Frame[] = [];
  private readonly stack: OperandStack;
  private labels = 0;
  private at = 0;

  constructor(module: WasmModule, index: number, name: string) {
    this.module = module;
    this.name = name;
    this.type = typeOfFunction(module, index);
    const body = module.bodies[index - module.imports.length];
    if (!body) throw new RangeError(`function ${index} is not defined in the module`);
    this.cursor = new Cursor(module.bytes, body.start, body.end);
    this.at = body.start;
    this.stack = new OperandStack([...this.type.parameters, ...body.locals].map((type) => this.integer(type, "a local or parameter")));
  }

  read(): FunctionTree {
    const parameters = this.type.parameters.map((type) => this.integer(type, "a parameter"));
    const result = this.resultType(this.type.results);
    const start = this.at;
    this.enter("function", result, null);
    while (this.frames.length > 0) this.instruction();
    return { name: this.name, parameters, result, locals: this.stack.locals, body: this.stack.statements, start };
  }

  private refuse(what: string): never {
    throw new UnsupportedError(this.name, this.at, what);
  }

  private refuseOpcode(opcode: number): never {
    this.refuse(`instruction 0x${opcode.toString(16)} is a float, vector or reference instruction, which metal code cannot have`);
  }

  private integer(type: AnyValueType, what: string): ValueType {
    if (type === "i32" || type === "i64") return type;
    return this.refuse(`${what} has type ${type}: metal code has no floats, vectors or references`);
  }

  private resultType(results: readonly AnyValueType[]): ValueType | null {
    if (results.length > 1) this.refuse("several results");
    const type = results[0];
    return type === undefined ? null : this.integer(type, "a result");
  }

  private pop(): Expression {
    return this.stack.pop() ?? this.refuse("operand stack underflow");
  }

  private popMany(count: number): Expression[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  private enter(kind: Frame["kind"], result: ValueType | null, condition: Expression | null): void {
    this.stack.settleAll(this.at);
    const frame: Frame = {
      kind,
      condition,
      label: this.labels++,
      result: result === null ? null : this.stack.temporary(result),
      outer: this.stack.statements,
      whenTrue: [],
      height: this.stack.height,
      at: this.at,
    };
    this.frames.push(frame);
    this.stack.floor = frame.height;
    this.stack.statements = [];
  }

  private frame(depth: number): Frame {
    return this.frames[this.frames.length - 1 - depth] ?? this.refuse(`branch to unknown depth ${depth}`);
  }

  private instruction(): void {
    this.at = this.cursor.offset;
    const opcode = this.cursor.byte();
    const row = opcodes.get(opcode);
    if (row) return this.simple(row);
    switch (opcode) {
      case control.nop:
        return;
      case control.block:
        return this.enter("block", this.blockType(), null);
      case control.loop:
        return this.enter("loop", this.blockType(), null);
      case control.if: {
        const condition = this.pop();
        return this.enter("if", this.blockType(), condition);
      }
      case control.else:
        return this.otherwise();
      case control.end:
        return this.end(true);
      case control.call:
        return this.call();
      case control.callIndirect:
        return this.callIndirect();
      case control.drop:
        return this.drop();
      case control.selectTyped:
        this.cursor.vector(() => this.cursor.byte());
        return this.select();
      case control.select:
        return this.select();
      case control.i32Const:
        this.stack.push({ kind: "i32", type: "i32", value: this.cursor.i32() });
        return;
      case control.i64Const:
        this.stack.push({ kind: "i64", type: "i64", value: this.cursor.i64() });
        return;
      case control.prefixed:
        return this.prefixed();
      case control.memorySize:
      case control.memoryGrow:
        return this.refuse("memory.size or memory.grow: metal memory has no allocator; managed allocation is not possible");
      default:
        if (!this.variable(opcode)) this.leave(opcode);
    }
  }

  private simple(row: OpcodeRow): void {
    switch (row.kind) {
      case "load": {
        this.cursor.u32();
        const offset = this.cursor.u32();
        this.stack.push({ ...row, address: this.pop(), offset });
        return;
      }
      case "store":
        return this.store(row.width);
      case "unary":
        this.stack.push({ ...row, operand: this.pop() });
        return;
      case "binary": {
        const right = this.pop();
        const left = this.pop();
        this.stack.push({ ...row, type: left.type, left, right });
        return;
      }
      case "compare": {
        const right = this.pop();
        const left = this.pop();
        this.stack.push({ ...row, type: "i32", left, right });
        return;
      }
    }
  }

  private store(width: 8 | 16 | 32 | 64): void {
    this.cursor.u32(); // alignment is a hint
    const offset = this.cursor.u32();
    const value = this.pop();
    this.stack.emit({ kind: "store", at: this.at, width, address: this.pop(), offset, value });
  }

  /** True when the opcode was a variable access. */
  private variable(opcode: number): boolean {
    switch (opcode) {
      case control.localGet:
        this.stack.push(this.local(this.cursor.u32()));
        return true;
      case control.localSet:
        this.stack.emit({ kind: "set", at: this.at, local: this.cursor.u32(), value: this.pop() });
        return true;
      case control.localTee: {
        const local = this.cursor.u32();
        this.stack.emit({ kind: "set", at: this.at, local, value: this.pop() });
        this.stack.push(this.local(local));
        return true;
      }
      case control.globalGet:
        this.stack.push(this.global(this.cursor.u32()));
        return true;
      case control.globalSet:
        this.stack.emit({ kind: "setGlobal", at: this.at, global: this.cursor.u32(), value: this.pop() });
        return true;
      default:
        return false;
    }
  }

  private local(index: number): Expression {
    return { kind: "local", type: this.stack.locals[index] ?? this.refuse(`local ${index} does not exist`), index };
  }

  private global(index: number): Expression {
    const global = this.module.globals[index] ?? this.refuse(`global ${index} does not exist`);
    return { kind: "global", type: this.integer(global.type, `global ${index}`), index };
  }

  private blockType(): ValueType | null {
    const type = this.cursor.byte();
    if (type === 0x40) return null;
    if (type === 0x7f) return "i32";
    if (type === 0x7e) return "i64";
    return this.refuse(`block type 0x${type.toString(16)}: only blocks without a value or with one integer are known`);
  }

  private select(): void {
    const condition = this.pop();
    const whenFalse = this.pop();
    const whenTrue = this.pop();
    this.stack.push({ kind: "select", type: whenTrue.type, condition, whenTrue, whenFalse });
  }

  private drop(): void {
    const value = this.pop();
    const effects = effectsOf(value);
    if (effects.traps || effects.readsMemory) this.stack.emit({ kind: "evaluate", at: this.at, value });
  }

  private call(): void {
    const index = this.cursor.u32();
    this.emitCall({ kind: "function", index }, typeOfFunction(this.module, index));
  }

  private callIndirect(): void {
    const type = this.cursor.u32();
    this.cursor.u32(); // table 0
    const signature = this.module.types[type] ?? this.refuse(`type ${type} does not exist`);
    this.emitCall({ kind: "indirect", type, slot: this.pop() }, signature);
  }

  private emitCall(target: Extract<Statement, { kind: "call" }>["target"], type: FunctionType): void {
    type.parameters.forEach((parameter) => this.integer(parameter, "an argument of a call"));
    const resultType = this.resultType(type.results);
    const result = resultType === null ? null : this.stack.temporary(resultType);
    this.stack.emit({ kind: "call", at: this.at, target, arguments: this.popMany(type.parameters.length), result });
    if (result !== null) this.stack.push(this.local(result));
  }

  private prefixed(): void {
    const opcode = this.cursor.u32();
    if (opcode !== bulk.memoryCopy && opcode !== bulk.memoryFill)
      this.refuse(`instruction 0xfc ${opcode}: only memory.copy and memory.fill are known`);
    this.cursor.take(opcode === bulk.memoryCopy ? 2 : 1); // memory indices
    const length = this.pop();
    const second = this.pop();
    const destination = this.pop();
    if (opcode === bulk.memoryCopy) this.stack.emit({ kind: "copy", at: this.at, destination, source: second, length });
    else this.stack.emit({ kind: "fill", at: this.at, destination, value: second, length });
  }

  /** Hands the block's value to its result local, when it has one. */
  private deliver(frame: Frame): void {
    if (frame.result !== null && frame.kind !== "loop")
      this.stack.emit({ kind: "set", at: this.at, local: frame.result, value: this.pop() });
  }

  private jump(frame: Frame): Statement {
    if (frame.kind !== "function") return { kind: "branch", at: this.at, label: frame.label };
    return { kind: "return", at: this.at, value: frame.result === null ? null : this.local(frame.result) };
  }

  /** Instructions that end or split the straight line; anything else is unknown. */
  private leave(opcode: number): void {
    switch (opcode) {
      case control.unreachable:
        this.stack.emit({ kind: "unreachable", at: this.at });
        return this.skipDead();
      case control.br:
        return this.branch(this.frame(this.cursor.u32()));
      case control.return:
        return this.branch(this.frame(this.frames.length - 1));
      case control.brIf:
        return this.branchIf(this.frame(this.cursor.u32()));
      case control.brTable:
        return this.branchTable();
      default:
        return this.refuseOpcode(opcode);
    }
  }

  private branch(frame: Frame): void {
    this.deliver(frame);
    this.stack.emit(this.jump(frame));
    this.skipDead();
  }

  private branchIf(frame: Frame): void {
    const condition = this.pop();
    if (frame.kind === "function") return this.returnIf(frame, condition);
    if (frame.result === null || frame.kind === "loop")
      return this.stack.emit({ kind: "branchIf", at: this.at, label: frame.label, condition });
    this.stack.push(this.conditionPast(condition, frame.result));
  }

  /** A conditional branch that carries a value: the value goes to the result local whether or not the branch is taken. */
  private conditionPast(condition: Expression, result: number): Expression {
    const value = this.pop();
    this.stack.push(condition);
    this.stack.emit({ kind: "set", at: this.at, local: result, value });
    const settled = this.pop();
    this.stack.emit({ kind: "branchIf", at: this.at, label: this.labelOfResult(result), condition: settled });
    return this.local(result);
  }

  private labelOfResult(result: number): Label {
    return this.frames.find((frame) => frame.result === result)?.label ?? this.refuse("branch carries a value to no block");
  }

  private returnIf(frame: Frame, condition: Expression): void {
    const value = frame.result === null ? null : this.pop();
    this.stack.settleAll(this.at);
    if (value && frame.result !== null) this.stack.push(value);
    this.stack.settleAll(this.at);
    const kept = frame.result === null ? null : this.stack.top;
    const whenTrue: Statement[] = [{ kind: "return", at: this.at, value: kept }];
    this.stack.statements.push({ kind: "if", at: this.at, label: this.labels++, condition, whenTrue, whenFalse: [] });
  }

  private branchTable(): void {
    const depths = this.cursor.vector(() => this.cursor.u32());
    const fallbackFrame = this.frame(this.cursor.u32());
    const index = this.pop();
    const targets = depths.map((depth) => this.frame(depth));
    const all = [...new Set([...targets, fallbackFrame])];
    const value = fallbackFrame.result !== null && fallbackFrame.kind !== "loop" ? this.pop() : null;
    const settledIndex = this.local(this.stack.temporary("i32"));
    this.stack.emit({ kind: "set", at: this.at, local: (settledIndex as { index: number }).index, value: index });
    if (value) this.deliverToAll(all, value);
    const landing = new Map(all.map((frame) => [frame, frame.kind === "function" ? this.labels++ : frame.label]));
    const label = (frame: Frame): Label => landing.get(frame) ?? frame.label;
    const jump: Statement = {
      kind: "switch",
      at: this.at,
      labels: targets.map(label),
      fallback: label(fallbackFrame),
      index: settledIndex,
    };
    const returning = all.find((frame) => frame.kind === "function");
    if (!returning) this.stack.emit(jump);
    else {
      this.stack.emit({ kind: "block", at: this.at, label: label(returning), body: [jump] });
      this.stack.emit(this.jump(returning));
    }
    this.skipDead();
  }

  private deliverToAll(frames: readonly Frame[], value: Expression): void {
    const local = this.stack.temporary(value.type);
    this.stack.emit({ kind: "set", at: this.at, local, value });
    for (const frame of frames) {
      if (frame.result !== null) this.stack.emit({ kind: "set", at: this.at, local: frame.result, value: this.local(local) });
    }
  }

  /** Skips code that cannot be reached, up to the `else` or `end` of the innermost block, and handles that. */
  private skipDead(): void {
    const frame = this.frame(0);
    this.stack.cut(frame.height);
    let depth = 0;
    for (;;) {
      this.at = this.cursor.offset;
      const opcode = this.cursor.byte();
      if (opcode === control.end && depth-- === 0) return this.end(false);
      if (opcode === control.else && depth === 0) return this.otherwise(false);
      if (opcode === control.block || opcode === control.loop || opcode === control.if) depth++;
      if (!skipImmediates(opcode, this.cursor)) this.refuseOpcode(opcode);
    }
  }

  private otherwise(reachable = true): void {
    const frame = this.frames.pop();
    if (frame?.kind !== "if") return this.refuse("else without if");
    if (reachable) this.deliver(frame);
    this.frames.push({ ...frame, kind: "else", whenTrue: this.stack.statements });
    this.stack.statements = [];
  }

  private end(reachable: boolean): void {
    const frame = this.frames[this.frames.length - 1] ?? this.refuse("end without block");
    if (reachable) this.finishValue(frame);
    this.frames.pop();
    this.stack.floor = this.frames[this.frames.length - 1]?.height ?? 0;
    const body = this.stack.statements;
    if (frame.kind === "function") return;
    this.stack.statements = frame.outer;
    this.stack.statements.push(this.closed(frame, body));
    if (frame.result !== null) this.stack.push(this.local(frame.result));
  }

  private finishValue(frame: Frame): void {
    if (frame.result !== null) this.stack.emit({ kind: "set", at: this.at, local: frame.result, value: this.pop() });
    if (frame.kind === "function") this.stack.emit(this.jump(frame));
  }

  private closed(frame: Frame, body: readonly Statement[]): Statement {
    const { label, at, condition } = frame;
    if (frame.kind === "loop") return { kind: "loop", at, label, body };
    if (condition === null) return { kind: "block", at, label, body };
    if (frame.kind === "if") return { kind: "if", at, label, condition, whenTrue: body, whenFalse: [] };
    return { kind: "if", at, label, condition, whenTrue: frame.whenTrue, whenFalse: body };
  }
}
