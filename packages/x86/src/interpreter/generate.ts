import { isX87, rows, vectorClass, type Row } from "@mercury/isa";
import { InstructionBuilder } from "../cpu/builder.ts";
import { imports, type FunctionName, type ImportName } from "../cpu/imports.ts";
import { executions } from "../cpu/semantics/table.ts";
import type { Semantics } from "../cpu/semantics/semantics.ts";
import { compareBody } from "../cpu/semantics/x87/compare.ts";
import { divideBody } from "../cpu/semantics/x87/divide.ts";
import { addBody, type FloatHelper, helperTypes, multiplyBody, roundBody } from "../cpu/semantics/x87/helpers.ts";
import { rootBody } from "../cpu/semantics/x87/root.ts";
import { sineBody } from "../cpu/semantics/x87/sine.ts";
import { at } from "../state/layout.ts";
import { FunctionBuilder } from "../wasm/function.ts";
import { ModuleBuilder, type FunctionType } from "../wasm/module.ts";
import { I32 } from "../wasm/opcodes.ts";
import { readFlagsBody, segmentedBody } from "./helpers.ts";
import { RecordSource } from "./source.ts";
import { dispatchBody, enterBody, RecordFlow, type TransferFunctions } from "./transfer.ts";
import { canonical, exists, shapeOf, VARIANTS } from "./variants.ts";

const HANDLER: FunctionType = { parameters: [I32, I32], results: [] };
const DISPATCH: FunctionType = { parameters: [I32], results: [] };
const SEGMENTED: FunctionType = { parameters: [I32, I32, I32, I32, I32], results: [I32] };
const READ_FLAGS: FunctionType = { parameters: [I32], results: [I32] };

/** A handler's place in the table, and whether it ends a block. */
export interface Handler {
  readonly index: number;
  readonly ends: boolean;
}

/** Handlers that no row names. */
export interface CommonHandlers {
  /** Calls `assist`, `system`, or raises #UD through `system`. */
  readonly assist: Handler;
  readonly system: Handler;
  /** Goes on at the record's EIP over its link: the end of a block that no branch ends. */
  readonly continue: Handler;
  /** Leaves at the record's EIP. */
  readonly stop: Handler;
}

/** Handlers by row id and variant number; rows that the module is not about are absent. */
export type RowHandlers = ReadonlyMap<number, readonly (Handler | undefined)[]>;

/** A module of handlers as bytes, and where they will be in the table. */
export interface HandlerModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly common: CommonHandlers;
  readonly handlers: RowHandlers;
  /** Elements of the table that are used, those of earlier modules included. */
  readonly tableSize: number;
}

/** Functions that handlers call and a module defines once: the first one exports them, the others import them. */
const shared = { dispatch: DISPATCH, segmented: SEGMENTED, readFlags: READ_FLAGS } as const;

/** Makes a module out of the semantics of rows. */
class Generator {
  readonly #module: ModuleBuilder;
  readonly #functions: Map<FunctionName, number> = new Map();
  readonly #transfers: TransferFunctions;
  readonly #identities: Map<Semantics, number> = new Map();
  readonly #byShape: Map<string, Handler> = new Map();
  #tableSize: number;

  /** `first` is the table's size so far; undefined makes the module on which all others rest. */
  constructor(first: number | undefined) {
    this.#module = new ModuleBuilder(first);
    this.#tableSize = first ?? 0;
    for (const name of Object.keys(imports) as ImportName[]) {
      // Object.keys of a literal gives its own keys and no others.
      this.#functions.set(name, this.#module.import(name, imports[name]));
    }
    for (const name of ["dispatch", "segmented", "readFlags"] as const)
      this.#functions.set(name, first === undefined ? this.#module.declare() : this.#module.import(name, shared[name]));
    this.#transfers = {
      dispatch: this.#function("dispatch"),
      translate: this.#function("translate"),
      linkBranch: this.#function("linkBranch"),
      handlerType: this.#module.type(HANDLER),
    };
    if (first === undefined) this.#defineShared();
    else this.#defineFloat();
  }

  #defineShared(): void {
    this.#define("dispatch", dispatchBody(this.#transfers));
    this.#define("segmented", segmentedBody(this.#function("segmentFault")));
    this.#define("readFlags", readFlagsBody());
    this.#module.define(this.#module.declare(), HANDLER, enterBody(this.#transfers), "enter");
  }

  #defineFloat(): void {
    const define = (name: FloatHelper, body: Uint8Array): number => {
      const index = this.#module.declare();
      this.#functions.set(name, index);
      this.#module.define(index, helperTypes[name], body);
      return index;
    };
    const round = define("floatRound", roundBody());
    define("floatAdd", addBody(round));
    define("floatMultiply", multiplyBody(round));
    define("floatDivide", divideBody(round));
    define("floatCompare", compareBody());
    define("floatRoot", rootBody(round));
    define("floatSine", sineBody(round));
  }

  common(): CommonHandlers {
    return {
      assist: this.#handler((b) => b.run("assist", [b.source.record])),
      system: this.#handler(callSystem),
      continue: this.#handler((b) => b.branch(false)),
      stop: this.#handler((b) => {
        b.ended = true;
        b.set(at.eip, b.source.eip());
        b.flow.leave();
      }),
    };
  }

  generate(wanted: readonly Row[], common: CommonHandlers): HandlerModule {
    const handlers = new Map(wanted.map((row) => [row.id, this.#variants(row, common)]));
    // Any memory has a page.
    return { bytes: this.#module.encode(1), common, handlers, tableSize: this.#tableSize };
  }

  #variants(row: Row, common: CommonHandlers): (Handler | undefined)[] {
    const canonicals = new Map<number, Handler | undefined>();
    return Array.from({ length: VARIANTS }, (_, variant) => {
      const number = canonical(row, variant);
      if (!canonicals.has(number)) canonicals.set(number, this.#rowHandler(row, number, common));
      return canonicals.get(number);
    });
  }

  /** `number` is that of a canonical variant. */
  #rowHandler(row: Row, number: number, common: CommonHandlers): Handler | undefined {
    const execution = executions[row.id];
    if (execution === undefined) return common.system;
    if (execution.by === "assist") return common.assist;
    if (execution.by !== "code") return common.system;
    if (!exists(row, number)) return undefined;
    const shape = shapeOf(row, number);
    const key = `${this.#identity(execution.semantics)} ${JSON.stringify(shape)}`;
    const known = this.#byShape.get(key);
    if (known !== undefined) return known;
    const made = this.#handler(execution.semantics, shape);
    this.#byShape.set(key, made);
    return made;
  }

  /** Forms of the same semantics and shape share a handler, whatever their names. */
  #identity(semantics: Semantics): number {
    const known = this.#identities.get(semantics) ?? this.#identities.size;
    this.#identities.set(semantics, known);
    return known;
  }

  #handler(semantics: Semantics, shape: InstructionBuilder["shape"] = NO_OPERANDS): Handler {
    const f = new FunctionBuilder(2);
    const source = new RecordSource(f);
    const flow = new RecordFlow(f, source, this.#transfers);
    const b = new InstructionBuilder(f, source, flow, shape, this.#functions);
    semantics(b);
    if (!b.ended) flow.next();
    else f.unreachable();
    const index = this.#module.declare();
    this.#module.define(index, HANDLER, f.body());
    this.#tableSize++;
    return { index: this.#module.element(index), ends: b.ended };
  }

  #define(name: keyof typeof shared, body: Uint8Array): void {
    this.#module.define(this.#function(name), shared[name], body, name);
  }

  #function(name: FunctionName): number {
    const index = this.#functions.get(name);
    if (index === undefined) throw new Error(`function ${name} is missing`);
    return index;
  }
}

const NO_OPERANDS: InstructionBuilder["shape"] = {
  kinds: [],
  sizes: [],
  aligned: false,
  operandSize: 4,
  addressSize: 4,
  flatStack: false,
  flatStrings: false,
  repeat: "none",
};

function callSystem(b: InstructionBuilder): void {
  b.ended = true;
  const leave = b.call("system", [b.source.record]);
  b.f.if(leave, () => b.flow.leave());
  b.flow.dispatch();
}

/** Rows whose handlers are made when the first instruction of theirs is met: those that use x87, MMX or XMM registers. */
export function isLate(row: Row): boolean {
  const { operands, mnemonic } = row;
  if (isX87(row)) return executions[row.id]?.by === "code";
  return mnemonic === "emms" || operands.some(({ method }) => vectorClass(method) !== undefined);
}

/** The module that every interpreter begins with. */
export function generateFirst(): HandlerModule {
  const generator = new Generator(undefined);
  const wanted = rows.filter((row) => !isLate(row));
  return generator.generate(wanted, generator.common());
}

/** The module of the late rows. */
export function generateLate({ common, tableSize }: HandlerModule): HandlerModule {
  return new Generator(tableSize).generate(rows.filter(isLate), common);
}
