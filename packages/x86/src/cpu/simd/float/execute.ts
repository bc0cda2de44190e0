import { setStatusFlags } from "../../../state/flags.ts";
import { at, cr4, eflags } from "../../../state/layout.ts";
import type { Core } from "../../core.ts";
import { raise, vector } from "../../exceptions.ts";
import { flag } from "../../fpu/operation.ts";
import { record } from "../../../interpreter/record.ts";
import { mxcsr } from "../mxcsr.ts";
import { compare, relate, type Relation } from "./compare.ts";
import { Environment } from "./environment.ts";
import { type FloatOperation, floatOperations } from "./operations.ts";

/** Exceptions that are found before anything is computed (SDM 1 11.5.2). */
const BEFORE = flag.invalid | flag.denormal | flag.zeroDivide;

/**
 * Does a floating-point instruction exactly, with every rounding, flag and exception: what the fast paths of generated code leave over.
 * The source is in `at.wide`, destination and constant are those of the present record. All lanes are computed before
 * anything is written.
 */
export function executeFloat(core: Core, number: number): void {
  const operation = floatOperations[number];
  if (operation === undefined) throw new RangeError(`no floating-point operation has the number ${number}`);
  if (operation.lane === "ordered" || operation.lane === "unordered") compareIntoFlags(core, operation);
  else write(core, operation, computeLanes(core, operation));
}

const lane = (core: Core, address: number, size: 4 | 8): bigint =>
  size === 8 ? core.memory.view.getBigUint64(address, true) : BigInt(core.memory.view.getUint32(address, true));

function computeLanes(core: Core, operation: FloatOperation): bigint[] {
  const control = core.state.get(at.mxcsr);
  const destination = core.memory.word(core.record + record.a);
  const source = core.state.base + at.wide;
  const compute = typeof operation.lane === "string" ? compare(core.memory.word(core.record + record.immediate)) : operation.lane;
  const results: bigint[] = [];
  let exceptions = 0;
  for (let index = 0; index < operation.lanes; index++) {
    const environment = new Environment(control);
    const a = operation.into === "general" ? 0n : lane(core, destination + index * operation.to, operation.to);
    results.push(compute(environment, operation.precision, a, lane(core, source + index * operation.from, operation.from)));
    exceptions |= environment.exceptions;
  }
  report(core, exceptions);
  return results;
}

/**
 * Sets flags, which stay until they are cleared. An unmasked exception raises #XM, or #UD if the system does not expect that; one
 * that is found before computing hides what computing would have told (SDM 1 11.5.2, 11.5.4).
 */
function report(core: Core, exceptions: number): void {
  const { state } = core;
  const control = state.get(at.mxcsr);
  const unmasked = exceptions & ~(control >> mxcsr.maskShift);
  const told = (unmasked & BEFORE) !== 0 ? exceptions & BEFORE : exceptions;
  state.set(at.mxcsr, control | told);
  if (unmasked === 0) return;
  raise(core, (state.get(at.cr4) & cr4.OSXMMEXCPT) !== 0 ? vector.XM : vector.UD);
}

function write(core: Core, { to, into }: FloatOperation, results: readonly bigint[]): void {
  const { view } = core.memory;
  const destination = core.memory.word(core.record + record.a);
  for (const [index, value] of results.entries()) {
    if (to === 8) view.setBigUint64(destination + index * 8, value, true);
    else view.setUint32(destination + index * 4, Number(value), true);
  }
  if (into === "whole") view.setBigUint64(destination + 8, 0n, true);
}

/** COMISS and its like; OF, SF and AF become 0 (SDM 2A "COMISS"). */
const flagsOf: Readonly<Record<Relation, number>> = {
  unordered: eflags.ZF | eflags.PF | eflags.CF,
  greater: 0,
  less: eflags.CF,
  equal: eflags.ZF,
};

function compareIntoFlags(core: Core, { lane: kind, precision }: FloatOperation): void {
  const environment = new Environment(core.state.get(at.mxcsr));
  const first = lane(core, core.memory.word(core.record + record.a), precision.size);
  const second = lane(core, core.state.base + at.wide, precision.size);
  const relation = relate(environment, precision, first, second, kind === "ordered");
  report(core, environment.exceptions);
  setStatusFlags(core.state, flagsOf[relation]);
}
