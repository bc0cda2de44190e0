import { add, divide, type Lane, multiply, squareRoot, subtract } from "./arithmetic.ts";
import { reciprocal, reciprocalRoot } from "./approximate.ts";
import { maximum, minimum } from "./compare.ts";
import { fromInteger, narrow, roundToInteger, truncateToInteger, widen } from "./convert.ts";
import { double, type Precision, single } from "./number.ts";

/** A floating-point instruction as lanes that are computed alike. */
export interface FloatOperation {
  /** A lane, or a comparison: of lanes by the instruction's predicate, or into EFLAGS. */
  readonly lane: Lane | "compare" | "ordered" | "unordered";
  readonly precision: Precision;
  /** Bytes of a lane of the source, and of the result. */
  readonly from: 4 | 8;
  readonly to: 4 | 8;
  readonly lanes: 1 | 2 | 4;
  /** What is written: a general register, an MMX register, or an XMM register, of which the rest stays or is cleared. */
  readonly into: "general" | "mmx" | "xmm" | "whole";
}

const types = [
  ["ps", single, 4],
  ["pd", double, 2],
  ["ss", single, 1],
  ["sd", double, 1],
] as const;

type Entry = readonly [name: string, operation: FloatOperation];

function alike(name: string, lane: FloatOperation["lane"], among: readonly (typeof types)[number][] = types): Entry[] {
  return among.map(([type, precision, lanes]) => {
    const { size } = precision;
    return [name + type, { lane, precision, from: size, to: size, lanes, into: "xmm" }];
  });
}

const conversion = (
  name: string,
  lane: Lane,
  precision: Precision,
  from: 4 | 8,
  to: 4 | 8,
  lanes: 1 | 2 | 4,
  into: FloatOperation["into"],
): Entry => [name, { lane, precision, from, to, lanes, into }];

/** Both roundings of a conversion to integers. */
const integers = (suffix: string, precision: Precision, lanes: 1 | 2 | 4, into: FloatOperation["into"]): Entry[] => [
  conversion(`cvt${suffix}`, roundToInteger, precision, precision.size, 4, lanes, into),
  conversion(`cvtt${suffix}`, truncateToInteger, precision, precision.size, 4, lanes, into),
];

const singles = types.filter(([, precision]) => precision === single);
const scalars = types.filter(([, , lanes]) => lanes === 1);

/** By mnemonic. The position is the number by which generated code asks for an operation. */
const entries: readonly Entry[] = [
  ...alike("add", add),
  ...alike("sub", subtract),
  ...alike("mul", multiply),
  ...alike("div", divide),
  ...alike("sqrt", squareRoot),
  ...alike("min", minimum),
  ...alike("max", maximum),
  ...alike("cmp", "compare"),
  ...alike("rcp", reciprocal, singles),
  ...alike("rsqrt", reciprocalRoot, singles),
  ...alike("comi", "ordered", scalars),
  ...alike("ucomi", "unordered", scalars),
  ...integers("ps2dq", single, 4, "xmm"),
  ...integers("pd2dq", double, 2, "whole"),
  ...integers("ps2pi", single, 2, "mmx"),
  ...integers("pd2pi", double, 2, "mmx"),
  ...integers("ss2si", single, 1, "general"),
  ...integers("sd2si", double, 1, "general"),
  conversion("cvtdq2ps", fromInteger, single, 4, 4, 4, "xmm"),
  conversion("cvtdq2pd", fromInteger, double, 4, 8, 2, "xmm"),
  conversion("cvtpi2ps", fromInteger, single, 4, 4, 2, "xmm"),
  conversion("cvtpi2pd", fromInteger, double, 4, 8, 2, "xmm"),
  conversion("cvtsi2ss", fromInteger, single, 4, 4, 1, "xmm"),
  conversion("cvtsi2sd", fromInteger, double, 4, 8, 1, "xmm"),
  conversion("cvtps2pd", widen, double, 4, 8, 2, "xmm"),
  conversion("cvtss2sd", widen, double, 4, 8, 1, "xmm"),
  conversion("cvtpd2ps", narrow, single, 8, 4, 2, "whole"),
  conversion("cvtsd2ss", narrow, single, 8, 4, 1, "xmm"),
];

export const floatOperations: readonly FloatOperation[] = entries.map(([, operation]) => operation);
export const floatNumbers: ReadonlyMap<string, number> = new Map(entries.map(([name], number) => [name, number]));
