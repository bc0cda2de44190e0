import { rows, type Row } from "@mercury/isa";
import { InstructionBuilder } from "../cpu/builder.ts";
import { imports, type ImportName } from "../cpu/imports.ts";
import { executions } from "../cpu/semantics/table.ts";
import type { Semantics } from "../cpu/semantics/semantics.ts";
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

export interface Interpreter {
  readonly module: Uint8Array<ArrayBuffer>;
  readonly common: CommonHandlers;
  /** By row id * VARIANTS + variant number. */
  readonly handlers: readonly (Handler | undefined)[];
  /** Distinct handlers. */
  readonly count: number;
}

/** Makes the interpreter's module out of the semantics of every row. */
class Generator {
  readonly #module: ModuleBuilder = new ModuleBuilder();
  readonly #functions: Map<ImportName | "segmented" | "readFlags", number> = new Map();
  readonly #transfers: TransferFunctions;
  readonly #identities: Map<Semantics, number> = new Map();
  readonly #byShape: Map<string, Handler> = new Map();

  constructor() {
    for (const name of Object.keys(imports) as ImportName[]) {
      // Object.keys of a literal gives its own keys and no others.
      this.#functions.set(name, this.#module.import(name, imports[name]));
    }
    const dispatch = this.#module.declare();
    this.#transfers = {
      dispatch,
      translate: this.#function("translate"),
      linkBranch: this.#function("linkBranch"),
      handlerType: this.#module.type(HANDLER),
    };
    this.#module.define(dispatch, DISPATCH, dispatchBody(this.#transfers), "dispatch");
    this.#module.define(this.#module.declare(), HANDLER, enterBody(this.#transfers), "enter");
    this.#define("segmented", SEGMENTED, segmentedBody(this.#function("segmentFault")));
    this.#define("readFlags", READ_FLAGS, readFlagsBody());
  }

  generate(memoryPages: number): Interpreter {
    const common: CommonHandlers = {
      assist: this.#handler((b) => b.run("assist", [b.source.record])),
      system: this.#handler(callSystem),
      continue: this.#handler((b) => b.branch(false)),
      stop: this.#handler((b) => {
        b.ended = true;
        b.set(at.eip, b.source.eip());
        b.flow.leave();
      }),
    };
    const handlers: (Handler | undefined)[] = [];
    for (const row of rows) {
      const canonicals = new Map<number, Handler | undefined>();
      for (let variant = 0; variant < VARIANTS; variant++) {
        const number = canonical(row, variant);
        if (!canonicals.has(number)) canonicals.set(number, this.#rowHandler(row, number, common));
        handlers.push(canonicals.get(number));
      }
    }
    return { module: this.#module.encode(memoryPages), common, handlers, count: this.#byShape.size };
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
    return { index: this.#module.element(index), ends: b.ended };
  }

  #define(name: "segmented" | "readFlags", type: FunctionType, body: Uint8Array): void {
    const index = this.#module.declare();
    this.#functions.set(name, index);
    this.#module.define(index, type, body);
  }

  #function(name: ImportName): number {
    const index = this.#functions.get(name);
    if (index === undefined) throw new Error(`import ${name} is missing`);
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

/** The interpreter for memories of at least `memoryPages` wasm pages. */
export function generateInterpreter(memoryPages: number): Interpreter {
  return new Generator().generate(memoryPages);
}
