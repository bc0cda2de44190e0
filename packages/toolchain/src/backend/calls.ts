import type { FunctionType, ValueType } from "../wasm/module.ts";
import type { Expression, Statement } from "../wasm/tree.ts";
import type { Pair, Selection } from "./context.ts";
import type { Argument } from "./lowering.ts";
import { eax, ecx, edx, immediate, register, type MemoryOperand, type Operand, type Reg } from "./mir.ts";
import { operandsOf, pairOf } from "./pairs.ts";
import { lightOperandOf, registerOf, valueOf } from "./values.ts";

/** Registers of the first three i32 parameters, in order (gcc's regparm(3)). */
export const argumentRegisters: readonly Reg[] = [eax, edx, ecx];

export type ParameterPlace =
  | { readonly kind: "register"; readonly reg: Reg }
  /** `offset` bytes above the return address, when the callee is entered. */
  | { readonly kind: "stack"; readonly offset: number; readonly bytes: 4 | 8 };

/** Where each parameter is, and how many bytes of stack the callee removes. Stack parameters are pushed from left to right. */
export function placesOf(types: readonly ValueType[]): { places: ParameterPlace[]; bytes: number } {
  const free = [...argumentRegisters];
  const chosen = types.map((type) => (type === "i32" ? free.shift() : undefined));
  const sizes = types.map((type, index) => (chosen[index] !== undefined ? 0 : type === "i64" ? 8 : 4));
  let above = 0;
  const bytes = sizes.reduce((total: number, size) => total + size, 0);
  const places = types.map((_, index): ParameterPlace => {
    const reg = chosen[index];
    if (reg !== undefined) return { kind: "register", reg };
    const size = sizes[index] === 8 ? 8 : 4;
    above += size;
    return { kind: "stack", offset: bytes - above, bytes: size };
  });
  return { places, bytes };
}

type Call = Extract<Statement, { kind: "call" }>;

export function selectCall(selection: Selection, call: Call): void {
  const { target } = call;
  if (target.kind === "indirect") return indirect(selection, call, target.type, target.slot);
  const callee = selection.module.functions[target.index];
  if (!callee) throw new RangeError(`function ${target.index} does not exist`);
  const { lowering, type } = callee;
  switch (lowering.kind) {
    case "address":
      return store(selection, call.result, [immediate(0, lowering.symbol)]);
    case "inline": {
      const results = lowering.emit(
        selection.builder,
        call.arguments.map((argument) => argumentOf(selection, argument)),
      );
      return store(selection, call.result, results.map(register));
    }
    case "call":
      return convention(selection, call, type, lowering.symbol);
  }
}

function argumentOf(selection: Selection, expression: Expression): Argument {
  if (expression.type === "i64") return pairOf(selection, expression);
  const value = valueOf(selection, expression);
  return { low: value, high: immediate(0) };
}

function indirect(selection: Selection, call: Call, type: number, slot: Expression): void {
  const signature = selection.module.types[type];
  if (!signature) throw new RangeError(`type ${type} does not exist`);
  const symbol = selection.module.tableSymbol;
  const cell: MemoryOperand =
    slot.kind === "i32"
      ? { kind: "memory", base: null, index: null, scale: 1, displacement: Math.imul(slot.value, 4), symbol }
      : { kind: "memory", base: null, index: registerOf(selection, slot), scale: 4, displacement: 0, symbol };
  convention(selection, call, signature, register(selection.builder.load(cell)));
}

/** Evaluates the arguments, then pushes and places them: from the first push on nothing else is computed. */
function convention(selection: Selection, call: Call, type: FunctionType, target: string | Operand): void {
  const { builder } = selection;
  const { places, bytes } = placesOf(call.arguments.map((argument) => argument.type));
  const values = call.arguments.map((argument): Pair => {
    if (argument.type === "i64") return operandsOf(selection, argument);
    const value = lightOperandOf(selection, argument);
    return { low: value, high: value };
  });
  values.forEach((value, index) => {
    const place = places[index];
    if (place?.kind !== "stack") return;
    if (place.bytes === 8) builder.push(value.high);
    builder.push(value.low);
  });
  const used: Reg[] = [];
  values.forEach((value, index) => {
    const place = places[index];
    if (place?.kind !== "register") return;
    builder.move(place.reg, value.low);
    used.push(place.reg);
  });
  builder.call(target, used, bytes);
  const results = type.results[0] === "i64" ? [eax, edx] : [eax];
  store(selection, call.result, results.map(register));
}

/** Hands a call's result to its local. */
function store(selection: Selection, local: number | null, results: readonly Operand[]): void {
  if (local === null) return;
  const { low, high } = selection.local(local);
  const [first, second] = results;
  if (first) selection.builder.move(low, first);
  if (second && high !== low) selection.builder.move(high, second);
}

/** `memory.copy` and `memory.fill`: calls of two stubs with the C functions' semantics. */
export function selectBulk(selection: Selection, symbol: "memmove" | "memset", operands: readonly Expression[]): void {
  const { builder } = selection;
  const values = operands.map((operand) => lightOperandOf(selection, operand));
  values.forEach((value, index) => builder.move(argumentRegisters[index] ?? eax, value));
  builder.call(symbol, argumentRegisters, 0);
}
