import { scratchBase, scratchBytes } from "./scratch.ts";
import type { Random } from "./random.ts";
import { signed, typeByte, unsigned, type NumberType } from "./wasm-writer.ts";

export interface FunctionType {
  readonly parameters: readonly NumberType[];
  readonly result: NumberType | null;
}

export interface GlobalType {
  readonly type: NumberType;
}

interface LabelType {
  /** What a branch to the label carries. */
  readonly carries: NumberType | null;
  /** Branches to a loop go back: they are written by the loop itself, which counts them. */
  readonly loop: boolean;
}

/** Back edges that one call may take. */
const fuel = 10;
const depthOfBody = 4;

const binary: Readonly<Record<NumberType, number>> = { i32: 0x6a, i64: 0x7c };
const comparison: Readonly<Record<NumberType, number>> = { i32: 0x46, i64: 0x51 };
const countBits: Readonly<Record<NumberType, number>> = { i32: 0x67, i64: 0x79 };
/** Opcode, log2 of the natural alignment. */
const loads: Readonly<Record<NumberType, readonly number[]>> = {
  i32: [0x28, 0x28, 0x2c, 0x2d, 0x2e, 0x2f],
  i64: [0x29, 0x29, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35],
};
const stores: Readonly<Record<NumberType, readonly number[]>> = { i32: [0x36, 0x36, 0x3a, 0x3b], i64: [0x37, 0x37, 0x3c, 0x3d, 0x3e] };

/** Writes one function body at random; what it writes is valid by construction. */
export class BodyWriter {
  private readonly random: Random;
  private readonly type: FunctionType;
  private readonly callees: readonly FunctionType[];
  private readonly globals: readonly GlobalType[];
  private readonly all: readonly FunctionType[];
  private readonly locals: NumberType[];
  private readonly fuelLocal: number;
  private readonly labels: LabelType[] = [];
  private readonly code: number[] = [];
  /** Operations that may still be written: bounds the size of the function. */
  private budget = 140;

  constructor(
    random: Random,
    type: FunctionType,
    callees: readonly FunctionType[],
    globals: readonly GlobalType[],
    all: readonly FunctionType[],
  ) {
    this.random = random;
    this.type = type;
    this.callees = callees;
    this.globals = globals;
    this.all = all;
    const declared = Array.from({ length: random.between(1, 6) }, () => random.pick<NumberType>(["i32", "i32", "i64"]));
    this.locals = [...type.parameters, ...declared];
    this.fuelLocal = this.locals.push("i32") - 1;
  }

  write(): number[] {
    this.labels.push({ carries: this.type.result, loop: false });
    this.put(0x41, ...signed(BigInt(fuel)), 0x21, ...unsigned(this.fuelLocal));
    this.statements(this.random.between(2, 7), depthOfBody);
    if (this.type.result !== null) this.value(this.type.result, 4);
    this.put(0x0b);
    const declared = this.locals.slice(this.type.parameters.length);
    return [...unsigned(declared.length), ...declared.flatMap((type) => [1, typeByte(type)]), ...this.code];
  }

  private put(...bytes: number[]): void {
    this.code.push(...bytes);
  }

  private statements(count: number, depth: number): void {
    for (let index = 0; index < count && this.budget > 0; index++) this.statement(depth);
  }

  private statement(depth: number): void {
    this.budget--;
    const { random } = this;
    const kind = random.below(depth > 0 ? 20 : 11);
    if (kind < 4) return this.setLocal();
    if (kind < 6) return this.store();
    if (kind === 6) return this.setGlobal();
    if (kind === 7) return this.callAndDrop(depth);
    if (kind === 8) {
      this.value(random.pick<NumberType>(["i32", "i64"]), 2);
      return this.put(0x1a);
    }
    if (kind === 9) return random.chance(25) ? this.bulk() : this.setLocal();
    if (kind === 10) return this.leave();
    if (kind < 13) return this.inBlock(0x02, depth, false);
    if (kind < 16) return this.branch(depth);
    if (kind < 18) return this.inBlock(0x03, depth, true);
    return kind === 18 ? this.table(depth) : this.setLocal();
  }

  private local(type: NumberType): number | undefined {
    const candidates = this.locals.flatMap((local, index) => (local === type && index !== this.fuelLocal ? [index] : []));
    return candidates.length > 0 ? this.random.pick(candidates) : undefined;
  }

  private setLocal(): void {
    const index = this.random.below(this.locals.length);
    const type = this.locals[index];
    if (type === undefined || index === this.fuelLocal) return;
    this.value(type, 4);
    this.put(0x21, ...unsigned(index));
  }

  private setGlobal(): void {
    const index = this.random.below(this.globals.length);
    this.value(this.globals[index]?.type ?? "i32", 3);
    this.put(0x24, ...unsigned(index));
  }

  /** Pushes an address in the scratch area; `memory` is the rest of the access: alignment and offset. */
  private address(): number[] {
    const { random } = this;
    const offset = random.chance(50) ? random.below(8) : 0;
    this.value("i32", 2);
    this.put(0x41, ...signed(BigInt(scratchBytes - 1)), 0x71);
    if (random.chance(40)) {
      this.put(0x41, ...signed(BigInt(scratchBase)), 0x6a);
      return [0, ...unsigned(offset)];
    }
    return [0, ...unsigned(offset + scratchBase)];
  }

  private store(): void {
    const type = this.random.pick<NumberType>(["i32", "i32", "i64"]);
    const immediates = this.address();
    this.value(type, 3);
    this.put(this.random.pick(stores[type]), ...immediates);
  }

  private bulk(): void {
    const half = (): void => {
      this.value("i32", 1);
      this.put(0x41, ...signed(BigInt(scratchBytes / 2 - 1)), 0x71);
    };
    const place = (): void => {
      half();
      this.put(0x41, ...signed(BigInt(scratchBase)), 0x6a);
    };
    place();
    const copy = this.random.chance(50);
    if (copy) place();
    else this.value("i32", 1);
    half();
    this.put(0xfc, ...(copy ? [10, 0, 0] : [11, 0]));
  }

  /** A branch out of any block around, with its value if it takes one, conditional or not; or a return or trap. */
  private leave(): void {
    const { random } = this;
    const depths = this.labels.flatMap((label, index) => (label.loop ? [] : [this.labels.length - 1 - index]));
    const depth = random.pick(depths);
    const carries = this.labels[this.labels.length - 1 - depth]?.carries ?? null;
    const certain = random.chance(15);
    if (carries !== null) this.value(carries, 2);
    if (certain) {
      if (random.chance(10)) this.put(0x00);
      else this.put(0x0c, ...unsigned(depth));
      return this.dead();
    }
    this.condition(2);
    this.put(0x0d, ...unsigned(depth));
    if (carries !== null) this.consume(carries);
  }

  /** Code that is never reached must still be skipped rightly. */
  private dead(): void {
    if (this.random.chance(30)) this.statements(1, 1);
  }

  private consume(type: NumberType): void {
    const local = this.local(type);
    if (local === undefined || this.random.chance(30)) this.put(0x1a);
    else this.put(0x21, ...unsigned(local));
  }

  private blockType(result: NumberType | null): void {
    this.put(result === null ? 0x40 : typeByte(result));
  }

  private result(): NumberType | null {
    return this.random.chance(60) ? null : this.random.pick<NumberType>(["i32", "i64"]);
  }

  private inBlock(opcode: number, depth: number, loop: boolean): void {
    const result = this.result();
    this.openBlock(opcode, depth, loop, result);
    if (result !== null) this.consume(result);
  }

  /** Writes a block or loop; its value, if it has one, is left on the stack. */
  private openBlock(opcode: number, depth: number, loop: boolean, result: NumberType | null): void {
    this.put(opcode);
    this.blockType(result);
    this.labels.push({ carries: loop ? null : result, loop });
    this.statements(this.random.between(1, 4), depth - 1);
    if (loop) this.again(0);
    if (result !== null) this.value(result, 3);
    this.labels.pop();
    this.put(0x0b);
  }

  /** Back to a loop's start while there is fuel. */
  private again(depth: number): void {
    const local = unsigned(this.fuelLocal);
    this.put(0x20, ...local, 0x41, 1, 0x6b, 0x22, ...local, 0x41, 0, 0x4a);
    if (this.random.chance(60)) {
      this.condition(2);
      this.put(0x71);
    }
    this.put(0x0d, ...unsigned(depth));
  }

  private branch(depth: number): void {
    const result = this.result();
    this.condition(3);
    this.openIf(depth, result);
    if (result !== null) this.consume(result);
  }

  private openIf(depth: number, result: NumberType | null): void {
    this.put(0x04);
    this.blockType(result);
    this.labels.push({ carries: result, loop: false });
    this.statements(this.random.between(1, 3), depth - 1);
    if (result !== null) this.value(result, 3);
    if (result !== null || this.random.chance(50)) {
      this.put(0x05);
      this.statements(this.random.between(1, 3), depth - 1);
      if (result !== null) this.value(result, 3);
    }
    this.labels.pop();
    this.put(0x0b);
  }

  /** Nested blocks with a computed branch into them. */
  private table(depth: number): void {
    const cases = this.random.between(1, 7);
    for (let index = 0; index < cases; index++) {
      this.put(0x02, 0x40);
      this.labels.push({ carries: null, loop: false });
    }
    this.value("i32", 2);
    if (this.random.chance(70)) this.put(0x41, 7, 0x71);
    const targets = Array.from({ length: this.random.below(9) }, () => unsigned(this.random.below(cases)));
    this.put(0x0e, ...unsigned(targets.length), ...targets.flat(), ...unsigned(this.random.below(cases)));
    for (let index = 0; index < cases; index++) {
      this.labels.pop();
      this.put(0x0b);
      this.statements(1, depth - 2);
    }
  }

  private callAndDrop(depth: number): void {
    const result = this.call(depth);
    if (result !== undefined && result !== null) this.consume(result);
  }

  /** Calls an earlier function, directly or through the table; undefined when there is none. */
  private call(depth: number, wanted?: NumberType): NumberType | null | undefined {
    const candidates = this.callees.flatMap((type, index) => (wanted === undefined || type.result === wanted ? [index] : []));
    if (candidates.length === 0) return undefined;
    const index = this.random.pick(candidates);
    const callee = this.callees[index];
    if (!callee) return undefined;
    for (const type of callee.parameters) this.value(type, Math.min(depth, 2));
    if (this.random.chance(60)) this.put(0x10, ...unsigned(index));
    else this.indirect(index, callee);
    return callee.result;
  }

  /** One of the earlier functions with the same shape: wasm compares signatures, not type indices. */
  private indirect(index: number, callee: FunctionType): void {
    const rivals = this.callees.flatMap((type, at) => (type === callee ? [at] : []));
    const rival = this.random.pick(rivals);
    this.put(0x41, ...signed(BigInt(index)), 0x41, ...signed(BigInt(rival)));
    this.condition(1);
    this.put(0x1b, 0x11, ...unsigned(this.all.indexOf(callee)), 0);
  }

  private condition(depth: number): void {
    const { random } = this;
    const type = random.pick<NumberType>(["i32", "i32", "i64"]);
    if (random.chance(15)) return this.value("i32", depth);
    if (random.chance(20)) {
      this.value(type, depth);
      return this.put(type === "i32" ? 0x45 : 0x50);
    }
    this.value(type, depth);
    this.value(type, random.below(depth + 1));
    this.put(comparison[type] + random.below(10));
  }

  private leaf(type: NumberType): void {
    const { random } = this;
    const local = this.local(type);
    const globals = this.globals.flatMap((global, index) => (global.type === type ? [index] : []));
    if (local !== undefined && random.chance(65)) return this.put(0x20, ...unsigned(local));
    if (globals.length > 0 && random.chance(25)) return this.put(0x23, ...unsigned(random.pick(globals)));
    if (type === "i32") return this.put(0x41, ...signed(BigInt(random.interesting32())));
    this.put(0x42, ...signed(random.interesting64()));
  }

  /** Leaves a value of that type on the stack. */
  private value(type: NumberType, depth: number): void {
    this.budget--;
    const { random } = this;
    if (depth <= 0 || this.budget < 0 || random.chance(15)) return this.leaf(type);
    const kind = random.below(100);
    if (kind < 48) return this.binary(type, depth);
    if (kind < 56) return this.load(type);
    if (kind < 62) return this.convert(type, depth);
    if (kind < 67) {
      this.value(type, depth - 1);
      return this.put(countBits[type] + random.below(3));
    }
    if (kind < 74) {
      this.value(type, depth - 1);
      this.value(type, depth - 1);
      this.condition(depth - 1);
      return this.put(0x1b);
    }
    if (kind < 82) return this.tee(type, depth);
    if (kind < 86) return this.openBlock(0x02, 1, false, type);
    if (kind < 90) {
      this.condition(depth - 1);
      return this.openIf(1, type);
    }
    if (kind < 92) return this.openBlock(0x03, 1, true, type);
    if (kind < 96 && this.call(depth - 1, type) !== undefined) return;
    if (type === "i32") return this.condition(depth - 1);
    this.leaf(type);
  }

  private binary(type: NumberType, depth: number): void {
    const { random } = this;
    this.value(type, depth - 1);
    this.value(type, depth - 1 - random.below(2));
    let operator = random.chance(55) ? random.pick([0, 1, 2, 7, 8, 9]) : random.below(15);
    // Most divisors are made odd: a trap ends the function.
    if (operator >= 3 && operator <= 6 && random.chance(90)) {
      if (type === "i32") this.put(0x41, 1, 0x72);
      else this.put(0x42, 1, 0x84);
    }
    if (operator > 14) operator = 0;
    this.put(binary[type] + operator);
  }

  private load(type: NumberType): void {
    const immediates = this.address();
    this.put(this.random.pick(loads[type]), ...immediates);
  }

  private convert(type: NumberType, depth: number): void {
    const { random } = this;
    if (random.chance(50)) {
      this.value(type, depth - 1);
      return this.put(type === "i32" ? random.pick([0xc0, 0xc1]) : random.pick([0xc2, 0xc3, 0xc4]));
    }
    if (type === "i32") {
      this.value("i64", depth - 1);
      return this.put(0xa7);
    }
    this.value("i32", depth - 1);
    this.put(random.pick([0xac, 0xad]));
  }

  private tee(type: NumberType, depth: number): void {
    const local = this.local(type);
    this.value(type, depth - 1);
    if (local !== undefined) this.put(0x22, ...unsigned(local));
  }
}
