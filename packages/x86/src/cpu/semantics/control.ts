import { at, CS, eflags, segment } from "../../state/layout.ts";
import * as x from "../../wasm/expression.ts";
import type { Int } from "../../wasm/expression.ts";
import { segmentOffset, type InstructionBuilder } from "../builder.ts";
import { clearBits, ECX, setBits } from "./data.ts";
import { popReturnAddress, pushReturnAddress } from "./stack.ts";
import type { SemanticsTable } from "./semantics.ts";

/** A target beyond the limit of CS faults at the branch, before anything is changed (SDM 2A "JMP", "CALL"). */
function checkTarget(b: InstructionBuilder, target: Int): void {
  const limit = b.get(segmentOffset(CS) + segment.high);
  b.f.if(x.gtU(target, limit), () => b.run("segmentFault", [b.source.record, x.add(b.source.cpu, x.int(segmentOffset(CS))), x.int(1)]));
}

function jump(b: InstructionBuilder): void {
  if (b.shape.kinds.length === 0) {
    b.branch(true);
    return;
  }
  const target = b.unsigned(0);
  checkTarget(b, target);
  b.jump(target);
}

function call(b: InstructionBuilder): void {
  if (b.shape.kinds.length === 0) {
    pushReturnAddress(b);
    b.branch(true);
    return;
  }
  const target = b.unsigned(0);
  checkTarget(b, target);
  pushReturnAddress(b);
  b.jump(target);
}

/** RET, with the bytes of arguments to release as its operand, if any. */
function ret(b: InstructionBuilder): void {
  const extra = b.shape.kinds.length === 0 ? x.int(0) : b.unsigned(0);
  const target = popReturnAddress(b, extra, (value) => checkTarget(b, value));
  b.jump(target);
}

/** LOOP, LOOPE and LOOPNE: (E)CX by the address size; no flag changes. */
function loop(b: InstructionBuilder, zero: boolean | undefined): void {
  const size = b.shape.addressSize;
  b.source.setFixed(ECX, size, x.sub(b.source.fixed(ECX, size, false), x.int(1)));
  const goesOn = x.ne(b.source.fixed(ECX, size, false), x.int(0));
  const matches = zero === undefined ? x.int(1) : zero ? b.zero() : x.isZero(b.zero());
  b.f.if(zero === undefined ? goesOn : x.and(goesOn, matches), () => b.branch(true));
  b.branch(false);
}

function privilegedByIopl(b: InstructionBuilder): void {
  const iopl = x.and(x.shrU(b.get(at.eflags), x.int(12)), x.int(3));
  // The called function raises #GP(0), or changes VIF and ends the block.
  b.f.if(x.gtU(b.get(at.cpl), iopl), () => {
    b.call("system", [b.source.record]);
    b.flow.leave();
  });
}

function clearInterruptFlag(b: InstructionBuilder): void {
  privilegedByIopl(b);
  clearBits(b, at.eflags, eflags.IF);
}

/** Interrupts stay inhibited until after the next instruction if IF was 0 (SDM 2B "STI"). */
function setInterruptFlag(b: InstructionBuilder): void {
  privilegedByIopl(b);
  b.f.if(x.isZero(x.and(b.get(at.eflags), x.int(eflags.IF))), () => {
    // STI ends its block, so the budget already counts it.
    const retired = x.long64.sub(x.loadLong(b.source.cpu, at.limit), x.extendSigned(b.get(at.budget)));
    b.setLong(at.shadow, retired);
    setBits(b, at.eflags, eflags.IF);
  });
  b.f.if(b.get(at.interrupt), () => {
    b.set(at.eip, b.source.nextEip());
    b.flow.leave();
  });
  b.branch(false);
}

export const control: SemanticsTable = {
  jmp: jump,
  call,
  ret,
  loop: (b) => loop(b, undefined),
  loope: (b) => loop(b, true),
  loopne: (b) => loop(b, false),
  jecxz: (b) => {
    b.f.if(x.isZero(b.source.fixed(ECX, b.shape.addressSize, false)), () => b.branch(true));
    b.branch(false);
  },
  cli: clearInterruptFlag,
  sti: setInterruptFlag,
};
