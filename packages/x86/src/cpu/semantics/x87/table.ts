import type { Mnemonic, OperandType, Row } from "@mercury/isa";
import { at } from "../../../state/layout.ts";
import * as x from "../../../wasm/expression.ts";
import type { Int } from "../../../wasm/expression.ts";
import { CONTROL_BITS, CONTROL_FIXED } from "../../fpu/status.ts";
import type { Semantics } from "../semantics.ts";
import type { FloatHelper } from "./helpers.ts";
import { order } from "./compare.ts";
import { floatCode, type FloatBuilder } from "./instruction.ts";
import { BIAS, type FloatValue, INTEGER_BIT, NOTHING, setExact, SIGN } from "./number.ts";
import { loadOperand, storeOperand } from "./operands.ts";

const TOP = x.int(0);
const NEXT = x.int(1);

/** Code for one form, by the type of its operand in memory (`""`: none) and its operands' order. */
type Maker = (type: OperandType, row: Row) => Semantics;

const load: Maker = (type) =>
  floatCode((f) => {
    const value = type === "" ? f.read(f.full(f.named)) : loadOperand(f, type);
    f.push(f.room(), value);
    setExact(f.b.f, f.cpu);
  });

const store =
  (pops: number): Maker =>
  (type) =>
    floatCode((f) => {
      const value = f.read(f.full(TOP));
      if (type !== "") storeOperand(f, type, value);
      else {
        const to = f.physical(f.named);
        f.b.f.storeLong(f.address(to), 0, value.significand);
        f.b.f.storeWord(f.address(to), 8, value.top);
        f.fill(to);
        setExact(f.b.f, f.cpu);
      }
      f.pop(pops);
    });

const exchange: Maker = () =>
  floatCode((f) => {
    const [first, second] = [f.full(TOP), f.full(f.named)];
    const [a, b] = [f.read(first), f.read(second)];
    f.b.f.storeLong(first, 0, b.significand);
    f.b.f.storeWord(first, 8, b.top);
    f.b.f.storeLong(second, 0, a.significand);
    f.b.f.storeWord(second, 8, a.top);
    setExact(f.b.f, f.cpu);
  });

const withSign = ({ significand, top }: FloatValue, change: (top: Int) => Int): FloatValue => ({ significand, top: change(top) });
const negated = (f: FloatBuilder, value: FloatValue): FloatValue => withSign(value, (top) => f.b.let(x.xor(top, x.int(SIGN))));

/** `reversed` takes the source first; `subtracts` changes the sign of the second. */
function arithmetic(helper: FloatHelper, { reversed = false, subtracts = false, pops = 0 } = {}): Maker {
  return (type, row) =>
    floatCode((f) => {
      const intoNamed = row.operands[0]?.method === "R";
      const target = f.full(intoNamed ? f.named : TOP);
      const source = type === "" ? f.read(f.full(intoNamed ? TOP : f.named)) : loadOperand(f, type);
      const [a, b] = reversed ? [source, f.read(target)] : [f.read(target), source];
      f.unless(f.compute(helper, target, a, subtracts ? negated(f, b) : b));
      f.pop(pops);
    });
}

/** C0 for less, C3 for equal (SDM 2A table 3-21). */
const C0 = 0x100;
const C3 = 0x4000;
const ALL = 0x4700;

function ordering(f: FloatBuilder, type: OperandType, other: Int): Int {
  const first = f.read(f.full(TOP));
  const second = type === "" ? f.read(f.full(other)) : loadOperand(f, type);
  const result = f.b.let(f.compute("floatCompare", f.cpu, first, second));
  f.unless(result);
  return result;
}

const compare =
  (pops: number): Maker =>
  (type, row) =>
    floatCode((f) => {
      const result = ordering(f, type, row.operands.length === 0 ? NEXT : f.named);
      const conditions = x.select(x.eq(result, x.int(order.less)), x.int(C0), x.int(0));
      const equal = x.select(x.eq(result, x.int(order.equal)), x.int(C3), x.int(0));
      f.b.set(at.fpuStatus, x.or(x.and(f.b.get(at.fpuStatus), x.int(~ALL)), x.or(conditions, equal)));
      f.pop(pops);
    });

const compareToFlags =
  (pops: number): Maker =>
  () =>
    floatCode((f) => {
      const result = ordering(f, "", f.named);
      const equal = f.b.let(x.eq(result, x.int(order.equal)));
      // ZF, with PF and SF clear, as state/flags.ts keeps them.
      f.b.set(at.result, x.xor(equal, x.int(1)));
      f.b.set(at.resultHigh, equal);
      f.b.set(at.overflow, x.int(0));
      f.b.set(at.auxiliary, x.int(0));
      f.b.setCarry(x.eq(result, x.int(order.less)));
      setExact(f.b.f, f.cpu);
      f.pop(pops);
    });

const changeSign =
  (change: (top: Int) => Int): Maker =>
  () =>
    floatCode((f) => {
      const address = f.full(TOP);
      f.b.f.storeWord(address, 8, change(x.loadWord(address, 8)));
      setExact(f.b.f, f.cpu);
    });

const root: Maker = () =>
  floatCode((f) => {
    const address = f.full(TOP);
    const value = f.read(address);
    f.unless(f.compute("floatRoot", address, value, value));
  });

const C2 = 0x400;

/** FSIN (0) and FCOS (1): an argument in range clears C2. */
const periodic =
  (which: number): Maker =>
  () =>
    floatCode((f) => {
      const address = f.full(TOP);
      f.unless(f.compute("floatSine", address, f.read(address), { significand: NOTHING, top: x.int(which) }));
      f.b.set(at.fpuStatus, x.and(f.b.get(at.fpuStatus), x.int(~C2)));
    });

const constant =
  (value: FloatValue): Maker =>
  () =>
    floatCode((f) => {
      f.push(f.room(), value);
      setExact(f.b.f, f.cpu);
    });

/** FNSTSW AX; that to memory is the host's. It waits for nothing, but what is pending is rare. */
const storeStatus: Maker = () =>
  floatCode((f) => {
    const { b } = f;
    b.source.setFixed(0, 2, x.or(b.get(at.fpuStatus), x.shl(b.get(at.fpuTop), x.int(11))));
  }, false);

const WORD = 2;
const EXCEPTIONS = 0x3f;

const storeControl: Maker = () => floatCode((f) => f.b.f.storeWord(f.memory(WORD, true), 0, f.b.get(at.fpuControl)), false);

/** What is set and no longer masked would be pending. */
const loadControl: Maker = () =>
  floatCode((f) => {
    const control = f.b.let(x.or(x.and(x.loadWord(f.memory(WORD, false)), x.int(CONTROL_BITS)), x.int(CONTROL_FIXED)));
    f.unless(x.isZero(x.and(x.and(f.b.get(at.fpuStatus), x.int(EXCEPTIONS)), x.not(control))));
    f.b.set(at.fpuControl, control);
  }, false);

const operations = {
  add: { helper: "floatAdd" },
  mul: { helper: "floatMultiply" },
  sub: { helper: "floatAdd", subtracts: true },
  subr: { helper: "floatAdd", subtracts: true, reversed: true },
  div: { helper: "floatDivide" },
  divr: { helper: "floatDivide", reversed: true },
} as const;

function basic(): Partial<Record<Mnemonic, Maker>> {
  const table: Partial<Record<Mnemonic, Maker>> = {};
  // Object.keys of a literal gives its own keys and no others.
  for (const name of Object.keys(operations) as (keyof typeof operations)[]) {
    const { helper, ...how } = operations[name];
    table[`f${name}`] = table[`fi${name}`] = arithmetic(helper, how);
    table[`f${name}p`] = arithmetic(helper, { ...how, pops: 1 });
  }
  return table;
}

const makers: Partial<Record<Mnemonic, Maker>> = {
  ...basic(),
  fld: load,
  fild: load,
  fst: store(0),
  fstp: store(1),
  fist: store(0),
  fistp: store(1),
  fxch: exchange,
  fcom: compare(0),
  fcomp: compare(1),
  fcompp: compare(2),
  ficom: compare(0),
  ficomp: compare(1),
  fucom: compare(0),
  fucomp: compare(1),
  fucompp: compare(2),
  fcomi: compareToFlags(0),
  fcomip: compareToFlags(1),
  fucomi: compareToFlags(0),
  fucomip: compareToFlags(1),
  fsqrt: root,
  fsin: periodic(0),
  fcos: periodic(1),
  fchs: changeSign((top) => x.xor(top, x.int(SIGN))),
  fabs: changeSign((top) => x.and(top, x.int(SIGN - 1))),
  fld1: constant({ significand: INTEGER_BIT, top: x.int(BIAS) }),
  fldz: constant({ significand: NOTHING, top: x.int(0) }),
  fnstsw: storeStatus,
  fnstcw: storeControl,
  fldcw: loadControl,
};

/** Types that code is made for; registers have none. */
const covered: ReadonlySet<OperandType> = new Set<OperandType>(["", "f32", "f64", "f80", "i16", "i32", "i64"]);

/** Forms with a word in memory that is no number. */
const words: ReadonlySet<Mnemonic> = new Set<Mnemonic>(["fnstcw", "fldcw"]);

const made: Map<string, Semantics> = new Map();

/** Code for the frequent case of a form; undefined where the host does all. Forms that are alike get the same. */
export function floatSemantics(row: Row): Semantics | undefined {
  const maker = makers[row.mnemonic];
  const type = row.modrmForm === "memory" ? (row.operands[0]?.type ?? "") : "";
  // FNSTSW has a form for memory; the undocumented D9 D8+i looks at no tag.
  if (maker === undefined || !(covered.has(type) || words.has(row.mnemonic)) || row.opcode === "D9 D8+i") return undefined;
  const key = `${row.mnemonic} ${row.operands.map(({ code }) => code).join(",")}`;
  const semantics = made.get(key) ?? maker(type, row);
  made.set(key, semantics);
  return semantics;
}
