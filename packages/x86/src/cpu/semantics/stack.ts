import { at, eflags } from "../../state/layout.ts";
import * as x from "../../wasm/expression.ts";
import type { Int } from "../../wasm/expression.ts";
import { access } from "../imports.ts";
import type { InstructionBuilder } from "../builder.ts";
import type { SemanticsTable } from "./semantics.ts";

const EBP = 5;

function pop(b: InstructionBuilder): void {
  const size = b.shape.operandSize;
  const value = b.top(size);
  if (!b.isMemory(0)) {
    b.setStackPointer(b.stackPointer(x.int(size)));
    b.source.setRegister(0, size, value);
    return;
  }
  // An address by ESP is that after the increment (SDM 2B "POP"), but a fault must find ESP as it was.
  const before = b.let(b.source.fixed(4, 4, false));
  const after = b.let(b.stackPointer(x.int(size)));
  b.setStackPointer(after);
  const offset = b.offset(0);
  b.setStackPointer(before);
  const linear = b.linearAt(0, offset, size, 2);
  b.store(linear, size, value, b.shape.kinds[0] === "checked" ? 0 : access.flat);
  b.setStackPointer(after);
}

/** ESP = EBP, then POP EBP (SDM 2A "LEAVE"). */
function leave(b: InstructionBuilder): void {
  const size = b.shape.operandSize;
  const esp = b.source.fixed(4, 4, false);
  const frame = b.let(x.sub(b.source.fixed(EBP, 4, false), esp));
  const value = b.load(b.stackLinear(frame, size, 1), size, false, b.stackAccess);
  b.setStackPointer(b.stackPointer(x.add(frame, x.int(size))));
  b.source.setFixed(EBP, size, value);
}

/** VM and RF read as 0 in the image (SDM 2B "PUSHF/PUSHFD"). */
function pushFlags(b: InstructionBuilder): void {
  // In virtual-8086 mode with IOPL below 3 the host raises #GP(0), or pushes VIF and ends the block.
  const below3 = x.ne(x.and(b.get(at.eflags), x.int(eflags.IOPL)), x.int(eflags.IOPL));
  b.f.if(x.and(x.ne(x.and(b.get(at.eflags), x.int(eflags.VM)), x.int(0)), below3), () => {
    b.call("system", [b.source.record]);
    b.flow.leave();
  });
  const image = x.and(b.flags(), x.int(~(eflags.VM | eflags.RF)));
  b.push(image, b.shape.operandSize);
}

/** The return address of a near call. */
export function pushReturnAddress(b: InstructionBuilder): void {
  b.push(b.source.nextEip(), b.shape.operandSize);
}

/** Takes the return address of a near return and releases `extra` bytes of arguments. */
export function popReturnAddress(b: InstructionBuilder, extra: Int, check: (target: Int) => void): Int {
  const size = b.shape.operandSize;
  const target = b.top(size);
  check(target);
  b.setStackPointer(b.stackPointer(x.add(x.int(size), extra)));
  return target;
}

export const stack: SemanticsTable = {
  push: (b) => b.push(b.unsigned(0), b.shape.operandSize),
  pop,
  leave,
  pushf: pushFlags,
};
