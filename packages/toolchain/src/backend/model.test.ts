import { describe, expect, test } from "vitest";
import { Builder } from "./builder.ts";
import { eax, ecx, edx, immediate, register, type MirFunction, type Operand } from "./mir.ts";
import { AllocationError, checkAllocation } from "./model.ts";
import { allocate, type Homes } from "./registers.ts";

/** Sums more values than there are registers, across a call. */
function crowded(): MirFunction {
  const builder = new Builder("crowded", 0, 0);
  const first = builder.load(register(eax));
  const values = Array.from({ length: 9 }, (_, index) => builder.two("imul", register(first), register(builder.constant(index))));
  builder.move(eax, register(first));
  builder.call("other", [eax], 0);
  const sum = builder.load(register(eax));
  for (const value of values) builder.emit("add", [register(sum), register(value)]);
  builder.move(eax, register(sum));
  builder.leave([eax]);
  return builder.mir;
}

function place(mir: MirFunction, index: number, operands: Operand[]): void {
  const instruction = mir.instructions[index];
  if (!instruction) throw new RangeError(`there is no instruction ${index}`);
  instruction.operands = operands;
}

describe("register model", () => {
  test.each<Homes>([0, 1, 2, 3, 4])("accepts what allocation makes of %i homes", (homes) => {
    const mir = crowded();
    allocate(mir, homes);
    expect(() => checkAllocation(mir)).not.toThrow();
  });

  test("sees a live register that is overwritten", () => {
    const builder = new Builder("clobber", 0, 0);
    const kept = builder.load(register(eax));
    const other = builder.constant(7);
    builder.emit("add", [register(kept), register(other)]);
    const { mir } = builder;
    place(mir, 0, [register(ecx), register(eax)]);
    place(mir, 1, [register(ecx), immediate(7)]);
    place(mir, 2, [register(ecx), register(ecx)]);
    expect(() => checkAllocation(mir)).toThrow(AllocationError);
  });

  test("sees a value that only one path leaves in place", () => {
    const builder = new Builder("paths", 0, 0);
    const label = builder.newLabel();
    const value = builder.load(register(eax));
    builder.emit("test", [register(value), register(value)]);
    builder.jumpIf("e", label);
    builder.constant(1);
    builder.label(label);
    builder.push(register(value));
    const { mir } = builder;
    for (const [index, reg] of [
      [0, edx],
      [3, edx],
    ] as const)
      place(mir, index, [register(reg), mir.instructions[index]?.operands[1] ?? immediate(0)]);
    place(mir, 1, [register(edx), register(edx)]);
    place(mir, 5, [register(edx)]);
    expect(() => checkAllocation(mir)).toThrow(/push/u);
  });

  test("sees flags that another instruction has overwritten", () => {
    const builder = new Builder("flags", 0, 0);
    builder.emit("cmp", [register(eax), immediate(1)]);
    const { mir } = builder;
    builder.jumpIf("e", builder.newLabel());
    const jump = mir.instructions.pop();
    builder.emit("add", [register(eax), immediate(1)]);
    if (jump) mir.instructions.push(jump);
    expect(() => checkAllocation(mir)).toThrow(/flags/u);
  });
});
