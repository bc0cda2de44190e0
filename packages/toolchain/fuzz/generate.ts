import type { Call } from "./program.ts";
import { Random } from "./random.ts";

/** A random AssemblyScript program: its text and the calls to make. */
export interface Source {
  readonly text: string;
  readonly calls: readonly Call[];
}

type Type = "i32" | "u32" | "i64" | "u64" | "i8" | "u8" | "i16" | "u16";

const types: readonly Type[] = ["i32", "u32", "i64", "u64", "i8", "u8", "i16", "u16"];
/** Types by how often they should appear. */
const weighted: readonly Type[] = ["i32", "i32", "i32", "u32", "u32", "u32", "i64", "i64", "u64", "u64", ...types];

interface Signature {
  readonly parameters: readonly Type[];
  readonly result: Type | "void";
}

interface Function {
  readonly name: string;
  readonly signature: Signature;
  /** Rough number of operations of one call. */
  readonly cost: number;
}

/** Shapes that several functions share, so that indirect calls have a choice. */
const shared: readonly Signature[] = [
  { parameters: ["i32", "i32"], result: "i32" },
  { parameters: ["i64", "i32"], result: "i64" },
  { parameters: ["u32", "u64", "i32", "u32", "i32"], result: "u32" },
  { parameters: ["i32"], result: "void" },
];

const scratchBytes = 2048;
const callCostLimit = 2000;

/** `functions` random functions over a scratch area and some globals; every one is exported and called `rounds` times. */
export function generateSource(seed: number, functions: number, rounds: number): Source {
  const random = new Random(seed);
  const done: Function[] = [];
  const globals = Array.from({ length: 6 }, (_, index) => ({ name: `g${index}`, type: random.pick(weighted) }));
  const lines = [
    `const MEM: usize = memory.data(${scratchBytes + 16}, 16);`,
    ...globals.map(({ name, type }) => `let ${name}: ${type} = ${literal(random, type)};`),
    "export function scratch(): usize { return MEM; }",
  ];
  for (let index = 0; index < functions; index++) {
    const signature = random.chance(45) ? random.pick(shared) : randomSignature(random);
    const writer = new FunctionWriter(random, `f${index}`, signature, done, globals);
    const { text, cost } = writer.write();
    lines.push(text);
    done.push({ name: `f${index}`, signature, cost });
  }
  lines.push(
    `export function globals(): u64 { return ${globals.map(({ name }, index) => `(<u64>${name} * ${2 * index + 3})`).join(" ^ ")}; }`,
  );
  return { text: `${lines.join("\n")}\n`, calls: callsOf(random, done, rounds) };
}

function randomSignature(random: Random): Signature {
  const parameters = Array.from({ length: random.below(6) }, () => random.pick(weighted));
  return { parameters, result: random.chance(12) ? "void" : random.pick(weighted) };
}

function wasmType(type: Type): "i32" | "i64" {
  return type === "i64" || type === "u64" ? "i64" : "i32";
}

function callsOf(random: Random, functions: readonly Function[], rounds: number): Call[] {
  const calls: Call[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const { name, signature } of functions) {
      const args = signature.parameters.map((type) => (wasmType(type) === "i64" ? random.interesting64() : random.interesting32()));
      calls.push({ name, args, result: signature.result === "void" ? null : wasmType(signature.result) });
    }
    calls.push({ name: "globals", args: [], result: "i64" });
  }
  return calls;
}

function literal(random: Random, type: Type): string {
  if (type === "i64" || type === "u64") return `<${type}>(${random.interesting64()})`.replace("(-9223372036854775808)", "(1 << 63)");
  return `<${type}>(${random.interesting32()})`;
}

interface Variable {
  readonly name: string;
  readonly type: Type;
  /** Loop counters are read only. */
  readonly writable: boolean;
}

class FunctionWriter {
  private readonly random: Random;
  private readonly name: string;
  private readonly signature: Signature;
  private readonly callable: readonly Function[];
  private readonly globals: readonly { name: string; type: Type }[];
  private readonly variables: Variable[] = [];
  private readonly lines: string[] = [];
  private cost = 0;
  private multiplier = 1;
  private loops = 0;
  private counters = 0;
  private indent = 1;

  constructor(
    random: Random,
    name: string,
    signature: Signature,
    callable: readonly Function[],
    globals: readonly { name: string; type: Type }[],
  ) {
    this.random = random;
    this.name = name;
    this.signature = signature;
    this.callable = callable;
    this.globals = globals;
  }

  write(): { text: string; cost: number } {
    const { parameters, result } = this.signature;
    parameters.forEach((type, index) => this.variables.push({ name: `p${index}`, type, writable: true }));
    for (let index = this.random.below(7); index > 0; index--) this.declare();
    this.block(this.random.between(2, 9), 3);
    if (result !== "void") this.line(`return ${this.expression(result, 4)};`);
    const head = parameters.map((type, index) => `p${index}: ${type}`).join(", ");
    return { text: [`export function ${this.name}(${head}): ${result} {`, ...this.lines, "}"].join("\n"), cost: this.cost + 5 };
  }

  private line(text: string): void {
    this.lines.push(`${"  ".repeat(this.indent)}${text}`);
  }

  private declare(): void {
    const type = this.random.pick(weighted);
    const name = `v${this.variables.length}`;
    this.line(`let ${name}: ${type} = ${this.expression(type, 2)};`);
    this.variables.push({ name, type, writable: true });
  }

  private block(statements: number, depth: number): void {
    for (let index = 0; index < statements; index++) this.statement(depth);
  }

  private nested(head: string, statements: number, depth: number, tail = "}"): void {
    this.line(head);
    this.indent++;
    this.block(statements, depth);
    this.indent--;
    this.line(tail);
  }

  private statement(depth: number): void {
    this.cost += this.multiplier;
    const { random } = this;
    const kind = random.below(depth > 0 ? 22 : 12);
    if (kind < 6) return this.assign();
    if (kind < 8) return this.store();
    if (kind === 8) return this.assignGlobal();
    if (kind === 9) return this.callStatement();
    if (kind === 10) return random.chance(40) ? this.bulk() : this.assign();
    if (kind === 11) return this.leaveEarly();
    if (kind < 16) return this.branch(depth);
    if (kind < 19) return this.countedLoop(depth);
    if (kind === 19) return this.whileLoop(depth);
    return this.choice(depth);
  }

  private writable(): Variable | undefined {
    const candidates = this.variables.filter((variable) => variable.writable);
    return candidates.length > 0 ? this.random.pick(candidates) : undefined;
  }

  private assign(): void {
    const target = this.writable();
    if (!target) return this.store();
    const operator = this.random.chance(30) ? this.random.pick(["+=", "-=", "^=", "|=", "&=", "*=", "<<=", ">>="]) : "=";
    this.line(`${target.name} ${operator} ${this.expression(target.type, 4)};`);
  }

  private assignGlobal(): void {
    const { name, type } = this.random.pick(this.globals);
    this.line(`${name} = ${this.expression(type, 3)};`);
  }

  private store(): void {
    const type = this.random.pick(weighted);
    if (this.random.chance(25)) {
      const address = `MEM + ${this.random.below(scratchBytes / 8) * 8}`;
      const operator = this.random.pick(["+", "-", "^", "|", "&", "*", "<<"]);
      return this.line(`store<${type}>(${address}, <${type}>load<${type}>(${address}) ${operator} ${this.expression(type, 2)});`);
    }
    this.line(`store<${type}>(${this.address()}, ${this.expression(type, 3)}${this.offset()});`);
  }

  private offset(): string {
    return this.random.chance(40) ? `, ${this.random.below(8)}` : "";
  }

  private address(): string {
    const { random } = this;
    if (random.chance(25)) return `MEM + ${random.below(scratchBytes)}`;
    if (random.chance(40)) return `MEM + (<usize>(${this.expression("u32", 2)} & ${scratchBytes / 8 - 1}) << ${random.between(0, 3)})`;
    return `MEM + <usize>(${this.expression("u32", 2)} & ${scratchBytes - 1})`;
  }

  private bulk(): void {
    const half = scratchBytes / 2;
    const place = (): string => `MEM + <usize>(${this.expression("u32", 1)} & ${half - 1})`;
    const length = this.random.chance(50) ? `${this.random.below(64)}` : `<usize>(${this.expression("u32", 1)} & ${half - 1})`;
    this.cost += this.multiplier * 20;
    if (this.random.chance(50)) this.line(`memory.copy(${place()}, ${place()}, ${length});`);
    else this.line(`memory.fill(${place()}, ${this.expression("u8", 1)}, ${length});`);
  }

  private leaveEarly(): void {
    const { random } = this;
    if (this.loops > 0 && random.chance(60)) return this.line(`if (${this.condition(2)}) ${random.pick(["break", "continue"])};`);
    if (random.chance(5)) return this.line(`if (${this.condition(3)}) unreachable();`);
    const { result } = this.signature;
    this.line(`if (${this.condition(3)}) return${result === "void" ? "" : ` ${this.expression(result, 2)}`};`);
  }

  private branch(depth: number): void {
    const otherwise = this.random.chance(50);
    this.nested(`if (${this.condition(3)}) {`, this.random.between(1, 4), depth - 1, otherwise ? "} else {" : "}");
    if (!otherwise) return;
    this.indent++;
    this.block(this.random.between(1, 4), depth - 1);
    this.indent--;
    this.line("}");
  }

  /** Writes a loop's body with its cost counted as often as it runs. */
  private inLoop(times: number, body: () => void): void {
    this.multiplier *= times;
    this.loops++;
    body();
    this.loops--;
    this.multiplier /= times;
  }

  private countedLoop(depth: number): void {
    const times = this.random.between(1, 9);
    const counter = `i${this.counters++}`;
    const type = this.random.pick<Type>(["i32", "u32", "i64", "u8"]);
    const head = this.random.chance(50)
      ? `for (let ${counter}: ${type} = 0; ${counter} < ${times}; ${counter}++) {`
      : `for (let ${counter}: ${type} = ${times}; ${counter} > 0; --${counter}) {`;
    this.inLoop(times, () => {
      this.variables.push({ name: counter, type, writable: false });
      this.nested(head, this.random.between(1, 5), depth - 1);
      this.variables.splice(
        this.variables.findIndex(({ name }) => name === counter),
        1,
      );
    });
  }

  private whileLoop(depth: number): void {
    const counter = `i${this.counters++}`;
    const times = this.random.between(1, 7);
    this.line(`let ${counter}: i32 = ${times};`);
    const condition = this.random.chance(50) ? ` && ${this.condition(2)}` : "";
    const after = this.random.chance(40);
    const guard = `${counter}-- > 0${condition}`;
    this.inLoop(times, () =>
      this.nested(after ? "do {" : `while (${guard}) {`, this.random.between(1, 4), depth - 1, after ? `} while (${guard});` : "}"),
    );
  }

  private choice(depth: number): void {
    const cases = this.random.between(2, 8);
    this.line(`switch (<i32>${this.expression("u32", 2)} & ${this.random.pick([3, 7, 15])}) {`);
    this.indent++;
    // `break` inside belongs to the switch, `continue` would need the loop: neither is generated by the cases themselves.
    const { loops } = this;
    this.loops = 0;
    for (let index = 0; index < cases; index++)
      this.nested(`case ${index}: {`, this.random.between(1, 2), depth - 2, this.random.chance(80) ? "} break;" : "}");
    if (this.random.chance(70)) this.nested("default: {", 1, depth - 2);
    this.loops = loops;
    this.indent--;
    this.line("}");
  }

  private callStatement(): void {
    const call = this.call(3);
    if (call) this.line(`${call.text};`);
    else this.assign();
  }

  private affordable(matches: (candidate: Function) => boolean): Function[] {
    return this.callable.filter((candidate) => candidate.cost * this.multiplier < callCostLimit && matches(candidate));
  }

  private call(depth: number, wanted?: Type): { text: string; type: Type | "void" } | null {
    const candidates = this.affordable(({ signature }) => wanted === undefined || signature.result !== "void");
    if (candidates.length === 0) return null;
    const callee = this.random.pick(candidates);
    const { parameters, result } = callee.signature;
    this.cost += callee.cost * this.multiplier;
    const args = parameters.map((type) => this.expression(type, depth - 1));
    const rivals = candidates.filter(({ signature }) => signature === callee.signature);
    if (!shared.includes(callee.signature) || this.random.chance(50)) return { text: `${callee.name}(${args.join(", ")})`, type: result };
    const rival = this.random.pick(rivals);
    this.cost += rival.cost * this.multiplier;
    const index = `(${this.condition(1)} ? ${callee.name}.index : ${rival.name}.index)`;
    return { text: `call_indirect<${result}>(${[index, ...args].join(", ")})`, type: result };
  }

  private condition(depth: number): string {
    const { random } = this;
    const type = random.pick(weighted);
    if (random.chance(10)) return `${this.expression(type, depth)} != 0`;
    if (depth > 1 && random.chance(20)) return `(${this.condition(depth - 1)} ${random.pick(["&&", "||"])} ${this.condition(depth - 1)})`;
    return `${this.expression(type, depth)} ${random.pick(["<", "<=", ">", ">=", "==", "!="])} ${this.expression(type, random.below(depth + 1))}`;
  }

  private leaf(type: Type): string {
    const { random } = this;
    if (random.chance(25)) return literal(random, type);
    if (random.chance(15)) {
      const global = random.pick(this.globals);
      return `<${type}>${global.name}`;
    }
    if (this.variables.length === 0) return literal(random, type);
    const same = this.variables.filter((variable) => variable.type === type);
    if (same.length > 0 && random.chance(70)) return random.pick(same).name;
    return `<${type}>${random.pick(this.variables).name}`;
  }

  /** An expression of exactly `type`. */
  private expression(type: Type, depth: number): string {
    this.cost += this.multiplier;
    const { random } = this;
    if (depth <= 0 || random.chance(15)) return this.leaf(type);
    const next = (): string => this.expression(type, depth - 1 - random.below(2));
    const kind = random.below(100);
    if (kind < 40) return `<${type}>(${next()} ${random.pick(["+", "-", "*", "&", "|", "^", "+", "-"])} ${next()})`;
    if (kind < 54) return `<${type}>(${next()} ${random.pick(["<<", ">>", ">>>"])} ${random.chance(50) ? `${random.below(70)}` : next()})`;
    if (kind < 60) return this.division(type, next);
    if (kind < 68) return `<${type}>load<${type}>(${this.address()}${this.offset()})`; // a bare load takes the wider type around it
    if (kind < 74) return `<${type}>(${this.condition(depth - 1)})`;
    if (kind < 80) return this.conditional(type, depth, next);
    if (kind < 85) return `<${type}>${this.expression(random.pick(weighted), depth - 1)}`;
    if (kind < 92) return this.builtin(type, next);
    if (kind < 95) return `<${type}>(${random.pick(["-", "~", "!"])}${next()})`;
    const call = this.call(depth - 1, type);
    return call ? `<${type}>${call.text}` : this.leaf(type);
  }

  private division(type: Type, next: () => string): string {
    const { random } = this;
    const operator = random.pick(["/", "%"]);
    if (random.chance(30)) return `<${type}>(${next()} ${operator} ${random.pick([1, 2, 3, 5, 7, 8, 10, 16, 60, 100, 127])})`;
    if (random.chance(6)) return `<${type}>(${next()} ${operator} ${next()})`;
    return `<${type}>(${next()} ${operator} (${next()} | 1))`;
  }

  private conditional(type: Type, depth: number, next: () => string): string {
    if (this.random.chance(50)) return `select<${type}>(${next()}, ${next()}, ${this.condition(depth - 1)})`;
    return `(${this.condition(depth - 1)} ? ${next()} : ${next()})`;
  }

  private builtin(type: Type, next: () => string): string {
    const name = this.random.pick(["clz", "ctz", "popcnt", "rotl", "rotr", "min", "max"]);
    if (name === "clz" || name === "ctz" || name === "popcnt") return `<${type}>${name}<${type}>(${next()})`;
    return `${name}<${type}>(${next()}, ${next()})`;
  }
}
