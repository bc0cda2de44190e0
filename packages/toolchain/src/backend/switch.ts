import type { Expression } from "../wasm/tree.ts";
import type { Selection } from "./context.ts";
import { immediate, register } from "./mir.ts";
import { registerOf } from "./values.ts";

/** Up to this many cases, comparisons are smaller and no slower than a table. */
const fewCases = 4;

/** `br_table`: label `index` of `labels`, or `fallback` when the index, taken as unsigned, is not below their number. */
export function selectSwitch(selection: Selection, index: Expression, labels: readonly number[], fallback: number): void {
  const { builder } = selection;
  const value = register(registerOf(selection, index));
  if (labels.length <= fewCases) {
    labels.forEach((label, position) => {
      builder.emit("cmp", [value, immediate(position)]);
      builder.jumpIf("e", label);
    });
    return builder.jump(fallback);
  }
  builder.emit("cmp", [value, immediate(labels.length)]);
  builder.jumpIf("ae", fallback);
  builder.emit("jumpTable", [value], { targets: labels });
}
