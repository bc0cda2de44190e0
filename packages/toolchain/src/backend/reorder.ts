import type { Expression, Statement } from "../wasm/tree.ts";

/**
 * What an expression or statement does that its surroundings can see. Loads may fault like anything in a paged kernel, but a fault
 * of a plain load is restarted and its place is not observable; accesses whose order matters are imports, hence `opaque`.
 */
export interface Effects {
  readonly readsLocals: ReadonlySet<number>;
  readonly writesLocal: number | null;
  readonly readsMemory: boolean;
  readonly writesMemory: boolean;
  readonly readsGlobals: boolean;
  readonly writesGlobals: boolean;
  /** May raise #DE. */
  readonly traps: boolean;
  /** Leaves the straight line: what stands before must not be lost on one path. */
  readonly branches: boolean;
  /** Runs code that is not known here. */
  readonly opaque: boolean;
}

const none: Effects = {
  readsLocals: new Set(),
  writesLocal: null,
  readsMemory: false,
  writesMemory: false,
  readsGlobals: false,
  writesGlobals: false,
  traps: false,
  branches: false,
  opaque: false,
};

/** Whether `a` and `b`, neighbours in this order or the other, may change places. The only predicate for any reordering. */
export function canSwap(a: Effects, b: Effects): boolean {
  return mayPrecede(a, b) && mayPrecede(b, a);
}

function mayPrecede(a: Effects, b: Effects): boolean {
  if (a.writesLocal !== null && (b.readsLocals.has(a.writesLocal) || b.writesLocal === a.writesLocal)) return false;
  if ((a.writesMemory || a.opaque) && (b.readsMemory || b.writesMemory || b.traps || b.opaque)) return false;
  if ((a.writesGlobals || a.opaque) && (b.readsGlobals || b.writesGlobals || b.traps)) return false;
  if (a.branches && (b.traps || b.writesMemory || b.writesGlobals || b.opaque || b.branches || b.writesLocal !== null)) return false;
  return true;
}

const cache = new WeakMap<Expression, Effects>();

/** Effects of evaluating an expression: it only reads, and may trap. */
export function effectsOf(expression: Expression): Effects {
  const known = cache.get(expression);
  if (known) return known;
  const effects = computeEffects(expression);
  cache.set(expression, effects);
  return effects;
}

function computeEffects(expression: Expression): Effects {
  switch (expression.kind) {
    case "i32":
    case "i64":
      return none;
    case "local":
      return { ...none, readsLocals: new Set([expression.index]) };
    case "global":
      return { ...none, readsGlobals: true };
    case "load":
      return { ...effectsOf(expression.address), readsMemory: true };
    case "unary":
      return effectsOf(expression.operand);
    case "binary":
      return { ...union([expression.left, expression.right]), ...(mayTrap(expression) ? { traps: true } : {}) };
    case "compare":
      return union([expression.left, expression.right]);
    case "select":
      return union([expression.condition, expression.whenTrue, expression.whenFalse]);
  }
}

function mayTrap(expression: Expression & { kind: "binary" }): boolean {
  if (!expression.operator.startsWith("div") && !expression.operator.startsWith("rem")) return false;
  const divisor = expression.right;
  if (divisor.kind === "i32") return divisor.value === 0 || divisor.value === -1;
  if (divisor.kind === "i64") return divisor.value === 0n || divisor.value === -1n;
  return true;
}

function union(parts: readonly Expression[]): Effects {
  const effects = parts.map(effectsOf);
  const locals = new Set<number>();
  for (const part of effects) for (const local of part.readsLocals) locals.add(local);
  return {
    ...none,
    readsLocals: locals,
    readsMemory: effects.some((part) => part.readsMemory),
    readsGlobals: effects.some((part) => part.readsGlobals),
    traps: effects.some((part) => part.traps),
  };
}

/** What a statement does beyond evaluating its operands, which are evaluated with it. */
export function effectsOfStatement(statement: Statement): Effects {
  switch (statement.kind) {
    case "set":
      return { ...none, writesLocal: statement.local };
    case "setGlobal":
      return { ...none, writesGlobals: true };
    case "store":
    case "copy":
    case "fill":
      return { ...none, writesMemory: true };
    case "call":
      return { ...none, writesLocal: statement.result, writesMemory: true, writesGlobals: true, opaque: true };
    case "evaluate":
      return none;
    case "block":
    case "loop":
    case "if":
    case "branch":
    case "branchIf":
    case "switch":
    case "return":
    case "unreachable":
      return { ...none, branches: true };
  }
}
