import { canSwap, effectsOf, effectsOfStatement } from "../backend/reorder.ts";
import { Cursor } from "./cursor.ts";
import type { AnyValueType, FunctionType, ValueType, WasmModule } from "./module.ts";
import { typeOfFunction } from "./module.ts";
import { bulk, control, opcodes, type OpcodeRow } from "./opcodes.ts";
import type { Expression, FunctionTree, Label, Statement } from "./tree.ts";

/** A function uses something that metal code cannot have. `offset` is the instruction's byte offset in the module. */
export class UnsupportedError extends Error {
  readonly functionName: string;
  readonly offset: number;
  constructor(functionName: string, offset: number, what: string) {
    super(`function ${functionName} (wasm byte ${offset}): ${what}`);
    this.name = "UnsupportedError";
    this.functionName = functionName;
    this.offset = offset;
  }
}

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
  private readonly locals: ValueType[] = [];
  private readonly frames: Frame[] = [];
  private statements: Statement[] = [];
  /** Operands that are still trees; each may yet move past statements that it can swap with. */
  private readonly pending: Expression[] = [];
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
    for (const type of [...this.type.parameters, ...body.locals]) this.locals.push(this.integer(type, "a local or parameter"));
  }

  read(): FunctionTree {
    const parameters = this.type.parameters.map((type) => this.integer(type, "a parameter"));
    const result = this.resultType(this.type.results);
    const start = this.at;
    this.enter("function", result, null);
    while (this.frames.length > 0) this.instruction();
    return { name: this.name, parameters, result, locals: this.locals, body: this.statements, start };
  }

  private refuse(what: string): never {
    throw new UnsupportedError(this.name, this.at, what);
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

  private temporary(type: ValueType): number {
    return this.locals.push(type) - 1;
  }

  private pop(): Expression {
    return this.pending.pop() ?? this.refuse("operand stack underflow");
  }

  private popMany(count: number): Expression[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  private emit(statement: Statement): void {
    const effects = effectsOfStatement(statement);
    for (let position = this.floor(); position < this.pending.length; position++) {
      const operand = this.pending[position];
      if (operand && !canSwap(effectsOf(operand), effects)) this.settle(position);
    }
    this.statements.push(statement);
  }

  /** Evaluates a pending operand now, into a temporary. */
  private settle(position: number): void {
    const value = this.pending[position];
    if (!value || value.kind === "i32" || value.kind === "i64") return;
    const local = this.temporary(value.type);
    this.statements.push({ kind: "set", at: this.at, local, value });
    this.pending[position] = { kind: "local", type: value.type, index: local };
  }

  private settleAll(): void {
    for (let position = this.floor(); position < this.pending.length; position++) this.settle(position);
  }

  /** Operands below belong to the code around the innermost block: settled before it, on every path that leaves it. */
  private floor(): number {
    return this.frames[this.frames.length - 1]?.height ?? 0;
  }

  private enter(kind: Frame["kind"], result: ValueType | null, condition: Expression | null): void {
    this.settleAll();
    const frame: Frame = {
      kind,
      condition,
      label: this.labels++,
      result: result === null ? null : this.temporary(result),
      outer: this.statements,
      whenTrue: [],
      height: this.pending.length,
      at: this.at,
    };
    this.frames.push(frame);
    this.statements = [];
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
        this.pending.push({ kind: "i32", type: "i32", value: this.cursor.i32() });
        return;
      case control.i64Const:
        this.pending.push({ kind: "i64", type: "i64", value: this.cursor.i64() });
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
        this.pending.push({ ...row, address: this.pop(), offset });
        return;
      }
      case "store":
        return this.store(row.width);
      case "unary":
        this.pending.push({ ...row, operand: this.pop() });
        return;
      case "binary": {
        const right = this.pop();
        const left = this.pop();
        this.pending.push({ ...row, type: left.type, left, right });
        return;
      }
      case "compare": {
        const right = this.pop();
        const left = this.pop();
        this.pending.push({ ...row, type: "i32", left, right });
        return;
      }
    }
  }

  private store(width: 8 | 16 | 32 | 64): void {
    this.cursor.u32(); // alignment is a hint
    const offset = this.cursor.u32();
    const value = this.pop();
    this.emit({ kind: "store", at: this.at, width, address: this.pop(), offset, value });
  }

  /** True when the opcode was a variable access. */
  private variable(opcode: number): boolean {
    switch (opcode) {
      case control.localGet:
        this.pending.push(this.local(this.cursor.u32()));
        return true;
      case control.localSet:
        this.emit({ kind: "set", at: this.at, local: this.cursor.u32(), value: this.pop() });
        return true;
      case control.localTee: {
        const local = this.cursor.u32();
        this.emit({ kind: "set", at: this.at, local, value: this.pop() });
        this.pending.push(this.local(local));
        return true;
      }
      case control.globalGet:
        this.pending.push(this.global(this.cursor.u32()));
        return true;
      case control.globalSet:
        this.emit({ kind: "setGlobal", at: this.at, global: this.cursor.u32(), value: this.pop() });
        return true;
      default:
        return false;
    }
  }

  private local(index: number): Expression {
    return { kind: "local", type: this.locals[index] ?? this.refuse(`local ${index} does not exist`), index };
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
    this.pending.push({ kind: "select", type: whenTrue.type, condition, whenTrue, whenFalse });
  }

  private drop(): void {
    const value = this.pop();
    const effects = effectsOf(value);
    if (effects.traps || effects.readsMemory) this.emit({ kind: "evaluate", at: this.at, value });
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
    const result = resultType === null ? null : this.temporary(resultType);
    this.emit({ kind: "call", at: this.at, target, arguments: this.popMany(type.parameters.length), result });
    if (result !== null) this.pending.push(this.local(result));
  }

  private prefixed(): void {
    const opcode = this.cursor.u32();
    if (opcode !== bulk.memoryCopy && opcode !== bulk.memoryFill)
      this.refuse(`instruction 0xfc ${opcode}: only memory.copy and memory.fill are known`);
    this.cursor.take(opcode === bulk.memoryCopy ? 2 : 1); // memory indices
    const length = this.pop();
    const second = this.pop();
    const destination = this.pop();
    if (opcode === bulk.memoryCopy) this.emit({ kind: "copy", at: this.at, destination, source: second, length });
    else this.emit({ kind: "fill", at: this.at, destination, value: second, length });
  }

  /** Hands the block's value to its result local, when it has one. */
  private deliver(frame: Frame): void {
    if (frame.result !== null && frame.kind !== "loop") this.emit({ kind: "set", at: this.at, local: frame.result, value: this.pop() });
  }

  private jump(frame: Frame): Statement {
    if (frame.kind !== "function") return { kind: "branch", at: this.at, label: frame.label };
    return { kind: "return", at: this.at, value: frame.result === null ? null : this.local(frame.result) };
  }

  /** Instructions that end or split the straight line; anything else is unknown. */
  private leave(opcode: number): void {
    switch (opcode) {
      case control.unreachable:
        this.emit({ kind: "unreachable", at: this.at });
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
        return this.refuse(
          `instruction 0x${opcode.toString(16)} is a float, vector or reference instruction, which metal code cannot have`,
        );
    }
  }

  private branch(frame: Frame): void {
    this.deliver(frame);
    this.emit(this.jump(frame));
    this.skipDead();
  }

  private branchIf(frame: Frame): void {
    const condition = this.pop();
    if (frame.kind === "function") return this.returnIf(frame, condition);
    if (frame.result === null || frame.kind === "loop") return this.emit({ kind: "branchIf", at: this.at, label: frame.label, condition });
    this.pending.push(this.conditionPast(condition, frame.result));
  }

  /** A conditional branch that carries a value: the value goes to the result local whether or not the branch is taken. */
  private conditionPast(condition: Expression, result: number): Expression {
    const value = this.pop();
    this.pending.push(condition);
    this.emit({ kind: "set", at: this.at, local: result, value });
    const settled = this.pop();
    this.emit({ kind: "branchIf", at: this.at, label: this.labelOfResult(result), condition: settled });
    return this.local(result);
  }

  private labelOfResult(result: number): Label {
    return this.frames.find((frame) => frame.result === result)?.label ?? this.refuse("branch carries a value to no block");
  }

  private returnIf(frame: Frame, condition: Expression): void {
    const value = frame.result === null ? null : this.pop();
    this.settleAll();
    if (value && frame.result !== null) this.pending.push(value);
    this.settleAll();
    const kept = frame.result === null ? null : (this.pending[this.pending.length - 1] ?? null);
    const whenTrue: Statement[] = [{ kind: "return", at: this.at, value: kept }];
    this.statements.push({ kind: "if", at: this.at, label: this.labels++, condition, whenTrue, whenFalse: [] });
  }

  private branchTable(): void {
    const depths = this.cursor.vector(() => this.cursor.u32());
    const fallbackFrame = this.frame(this.cursor.u32());
    const index = this.pop();
    const targets = depths.map((depth) => this.frame(depth));
    const all = [...new Set([...targets, fallbackFrame])];
    const value = fallbackFrame.result !== null && fallbackFrame.kind !== "loop" ? this.pop() : null;
    const settledIndex = this.local(this.temporary("i32"));
    this.emit({ kind: "set", at: this.at, local: (settledIndex as { index: number }).index, value: index });
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
    if (!returning) this.emit(jump);
    else {
      this.emit({ kind: "block", at: this.at, label: label(returning), body: [jump] });
      this.emit(this.jump(returning));
    }
    this.skipDead();
  }

  private deliverToAll(frames: readonly Frame[], value: Expression): void {
    const local = this.temporary(value.type);
    this.emit({ kind: "set", at: this.at, local, value });
    for (const frame of frames) {
      if (frame.result !== null) this.emit({ kind: "set", at: this.at, local: frame.result, value: this.local(local) });
    }
  }

  /** Skips code that cannot be reached, up to the `else` or `end` of the innermost block, and handles that. */
  private skipDead(): void {
    const frame = this.frame(0);
    this.pending.length = frame.height;
    let depth = 0;
    for (;;) {
      this.at = this.cursor.offset;
      const opcode = this.cursor.byte();
      if (opcode === control.end && depth-- === 0) return this.end(false);
      if (opcode === control.else && depth === 0) return this.otherwise(false);
      if (opcode === control.block || opcode === control.loop || opcode === control.if) depth++;
      this.skipImmediates(opcode);
    }
  }

  private skipImmediates(opcode: number): void {
    const row = opcodes.get(opcode);
    if (row?.kind === "load" || row?.kind === "store") {
      this.cursor.u32();
      this.cursor.u32();
      return;
    }
    if (row) return;
    switch (opcode) {
      case control.block:
      case control.loop:
      case control.if:
        this.cursor.byte();
        return;
      case control.br:
      case control.brIf:
      case control.call:
      case control.localGet:
      case control.localSet:
      case control.localTee:
      case control.globalGet:
      case control.globalSet:
        this.cursor.u32();
        return;
      case control.callIndirect:
        this.cursor.u32();
        this.cursor.u32();
        return;
      case control.brTable:
        this.cursor.vector(() => this.cursor.u32());
        this.cursor.u32();
        return;
      case control.i32Const:
      case control.i64Const:
        this.cursor.signed();
        return;
      case control.selectTyped:
        this.cursor.vector(() => this.cursor.byte());
        return;
      case control.prefixed:
        this.cursor.take(this.cursor.u32() === bulk.memoryCopy ? 2 : 1);
        return;
      case control.unreachable:
      case control.nop:
      case control.return:
      case control.drop:
      case control.select:
      case control.else:
      case control.end:
        return;
      default:
        return this.refuse(
          `instruction 0x${opcode.toString(16)} is a float, vector or reference instruction, which metal code cannot have`,
        );
    }
  }

  private otherwise(reachable = true): void {
    const frame = this.frames.pop();
    if (frame?.kind !== "if") return this.refuse("else without if");
    if (reachable) this.deliver(frame);
    this.frames.push({ ...frame, kind: "else", whenTrue: this.statements });
    this.statements = [];
  }

  private end(reachable: boolean): void {
    const frame = this.frames[this.frames.length - 1] ?? this.refuse("end without block");
    if (reachable) this.finishValue(frame);
    this.frames.pop();
    const body = this.statements;
    if (frame.kind === "function") return;
    this.statements = frame.outer;
    this.statements.push(this.closed(frame, body));
    if (frame.result !== null) this.pending.push(this.local(frame.result));
  }

  private finishValue(frame: Frame): void {
    if (frame.result !== null) this.emit({ kind: "set", at: this.at, local: frame.result, value: this.pop() });
    if (frame.kind === "function") this.emit(this.jump(frame));
  }

  private closed(frame: Frame, body: readonly Statement[]): Statement {
    const { label, at, condition } = frame;
    if (frame.kind === "loop") return { kind: "loop", at, label, body };
    if (condition === null) return { kind: "block", at, label, body };
    if (frame.kind === "if") return { kind: "if", at, label, condition, whenTrue: body, whenFalse: [] };
    return { kind: "if", at, label, condition, whenTrue: frame.whenTrue, whenFalse: body };
  }
}
