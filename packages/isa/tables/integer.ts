/** The instructions of user programs, in the order of SDM 1 chapter 5. */
import type { Form } from "../src/form.ts";
import { arithmetic } from "./arithmetic.ts";
import { bit } from "./bit.ts";
import { control } from "./control.ts";
import { data } from "./data.ts";
import { flag } from "./flag.ts";
import { segment } from "./segment.ts";
import { shift } from "./shift.ts";
import { stack } from "./stack.ts";
import { string } from "./string.ts";

export const integer: readonly Form[] = [
  ...data,
  ...stack,
  ...arithmetic,
  ...shift,
  ...bit,
  ...control,
  ...string,
  ...segment,
  ...flag,
];
