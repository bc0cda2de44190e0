import { at } from "../../../state/layout.ts";
import * as x from "../../../wasm/expression.ts";
import type { InstructionBuilder } from "../../builder.ts";
import { floatNumbers } from "../../simd/float/operations.ts";
import type { SemanticsTable } from "../semantics.ts";
import { enterMmx, read, requireVectors } from "./operands.ts";

/** The host computes the instruction exactly. */
function exact(b: InstructionBuilder, number: number): void {
  requireVectors(b);
  b.f.storeVector(b.source.cpu, at.wide, read(b, 1));
  // An exception comes too late to keep the x87 unit as it was.
  enterMmx(b);
  b.run("float", [b.source.record, x.int(number)]);
  if (b.shape.kinds[0] === "mmx") b.f.storeInt(b.source.slot(0), 8, x.int(0xffff));
}

export const floats: SemanticsTable = Object.fromEntries(
  [...floatNumbers].map(([name, number]) => [name, (b: InstructionBuilder): void => exact(b, number)]),
);
