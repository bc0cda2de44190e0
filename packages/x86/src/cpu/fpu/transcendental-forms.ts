import type { Core } from "../core.ts";
import type { HostInstruction, HostTable } from "../system/host.ts";
import type { Binary } from "./arithmetic.ts";
import { onTop, replaceTop, type Unary } from "./arithmetic-forms.ts";
import { computing, conclude, operationOf } from "./execute.ts";
import { type Extended, indefinite, isNaN, one } from "./number.ts";
import type { Operation } from "./operation.ts";
import { setConditions } from "./pending.ts";
import { extract } from "./scale.ts";
import { isEmpty, overflows, pop, push, read, underflows, write } from "./stack.ts";
import { status } from "./status.ts";
import { arctangentOf } from "./transcendental/arctangent.ts";
import { powerOfTwoMinusOne } from "./transcendental/exponential.ts";
import { logarithm, logarithmPlusOne } from "./transcendental/logarithm.ts";
import { cosineOf, isOutOfRange, sineOf, tangentOf } from "./transcendental/trigonometric.ts";

/** ST(1) becomes a function of ST(0) and ST(1), and ST(0) is popped. */
function intoSecond(compute: Binary): HostInstruction {
  return computing((core) => {
    if (isEmpty(core, 0) || isEmpty(core, 1)) {
      if (!underflows(core)) return;
      write(core, 1, indefinite);
      pop(core);
      return;
    }
    const operation = operationOf(core);
    const value = compute(operation, read(core, 0), read(core, 1));
    if (!conclude(core, operation)) return;
    write(core, 1, value);
    pop(core);
  });
}

/** C2 tells an argument out of range, which is left alone. */
function refusesRange(core: Core): boolean {
  const outside = isOutOfRange(read(core, 0));
  setConditions(core, outside ? status.C2 : 0, status.C2);
  if (outside) setConditions(core, 0, status.C1);
  return outside;
}

/** FSIN and FCOS. */
function periodic(compute: Unary): HostInstruction {
  return computing((core) => {
    if (isEmpty(core, 0)) setConditions(core, 0, status.C2);
    else if (refusesRange(core)) return;
    replaceTop(core, compute);
  });
}

/** Whether ST(0) and the place for a push are as they must be; if not, the masked response is done. */
function canSplit(core: Core): boolean {
  if (!isEmpty(core, 0) && isEmpty(core, 7)) return true;
  const masked = isEmpty(core, 0) ? underflows(core) : overflows(core);
  if (!masked) return false;
  write(core, 0, indefinite);
  push(core, indefinite);
  return false;
}

/** Replaces ST(0) by one result and pushes another, both of one operation. */
function split(core: Core, compute: (operation: Operation, x: Extended) => readonly [replaced: Extended, pushed: Extended]): void {
  const operation = operationOf(core);
  const [replaced, pushed] = compute(operation, read(core, 0));
  if (!conclude(core, operation)) return;
  write(core, 0, replaced);
  push(core, pushed);
}

function splitting(
  compute: (operation: Operation, x: Extended) => readonly [replaced: Extended, pushed: Extended],
  ranged: boolean,
): HostInstruction {
  return computing((core) => {
    if (!canSplit(core)) {
      if (ranged) setConditions(core, 0, status.C2);
      return;
    }
    if (ranged && refusesRange(core)) return;
    split(core, compute);
  });
}

/** Both results of an invalid operation or a NaN are that NaN. */
const tangent = splitting((operation, x) => {
  const value = tangentOf(operation, x);
  return [value, isNaN(value) ? value : one];
}, true);

/** C1 is that of the sine, which is computed last. */
const sineAndCosine = splitting((operation, x) => {
  const cosine = cosineOf(operation, x);
  return [isNaN(cosine) ? cosine : sineOf(operation, x), cosine];
}, true);

const extraction = splitting((operation, x) => {
  const { exponent, significand } = extract(operation, x);
  return [exponent, significand];
}, false);

export const transcendentalForms: HostTable = {
  f2xm1: onTop(powerOfTwoMinusOne),
  fyl2x: intoSecond(logarithm),
  fyl2xp1: intoSecond(logarithmPlusOne),
  fpatan: intoSecond(arctangentOf),
  fsin: periodic(sineOf),
  fcos: periodic(cosineOf),
  fptan: tangent,
  fsincos: sineAndCosine,
  fxtract: extraction,
};
