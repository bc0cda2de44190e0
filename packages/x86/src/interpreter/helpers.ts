import { at, eflags, segment } from "../state/layout.ts";
import * as x from "../wasm/expression.ts";
import type { Int } from "../wasm/expression.ts";
import { FunctionBuilder } from "../wasm/function.ts";
import { I32 } from "../wasm/opcodes.ts";
import { access } from "../cpu/imports.ts";

/** Function (record, segment cache, offset, access, need) -> linear address, or the fault that the segment raises. */
export function segmentedBody(segmentFault: number): Uint8Array {
  const f = new FunctionBuilder(5);
  const instruction = f.parameter(I32, 0);
  const cache = f.parameter(I32, 1);
  const offset = f.parameter(I32, 2);
  const how = f.parameter(I32, 3);
  const need = f.parameter(I32, 4);
  const high = f.let(x.loadInt(cache, segment.high));
  const last = x.sub(x.and(how, x.int(access.sizeMask)), x.int(1));
  const outside = x.or(x.or(x.ltU(offset, x.loadInt(cache, segment.low)), x.gtU(offset, high)), x.ltU(x.sub(high, offset), last));
  const forbidden = x.isZero(x.and(x.loadInt(cache, segment.rights), need));
  f.if(x.or(outside, forbidden), () => f.call(segmentFault, [instruction, cache, how]));
  f.return(x.add(x.loadInt(cache, segment.base), offset));
  f.unreachable();
  return f.body();
}

/** Function (cpu) -> EFLAGS as software sees it; state/flags.ts has the same in TypeScript. */
export function readFlagsBody(): Uint8Array {
  const f = new FunctionBuilder(1);
  const cpu = f.parameter(I32, 0);
  const low = f.let(x.loadInt(cpu, at.result));
  const high = f.let(x.loadInt(cpu, at.resultHigh));
  const bit = (value: Int, flag: number): Int => x.shl(value, x.int(31 - Math.clz32(flag)));
  const sign = (value: Int): Int => x.shrU(value, x.int(31));
  const parityByte = x.and(x.xor(x.xor(low, high), x.shrU(high, x.int(8))), x.int(0xff));
  const parity = x.isZero(x.and(x.populationCount(parityByte), x.int(1)));
  const status = [
    x.loadInt(cpu, at.carry),
    bit(parity, eflags.PF),
    x.and(x.loadInt(cpu, at.auxiliary), x.int(eflags.AF)),
    bit(x.isZero(low), eflags.ZF),
    bit(sign(high), eflags.SF),
    bit(sign(x.loadInt(cpu, at.overflow)), eflags.OF),
    x.int(eflags.fixed),
  ];
  f.return(status.reduce(x.or, x.loadInt(cpu, at.eflags)));
  f.unreachable();
  return f.body();
}
