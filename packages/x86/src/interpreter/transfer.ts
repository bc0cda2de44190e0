import { at, CS, segment } from "../state/layout.ts";
import { JUMP_ENTRIES, jump, MachineMemory, tlb } from "../state/memory.ts";
import { segmentOffset } from "../cpu/builder.ts";
import type { Flow, OperandSource } from "../cpu/shape.ts";
import * as x from "../wasm/expression.ts";
import type { Int } from "../wasm/expression.ts";
import { FunctionBuilder } from "../wasm/function.ts";
import { I32 } from "../wasm/opcodes.ts";
import { header, HEADER_SIZE, link, record, RECORD_SIZE } from "./record.ts";

/** Functions of the module that transfers of control use. */
export interface TransferFunctions {
  readonly dispatch: number;
  readonly translate: number;
  readonly linkBranch: number;
  /** Type index of a handler. */
  readonly handlerType: number;
}

/** Jumps to the handler of a record: tail calls, so the stack stays as deep as it is. */
function toRecord(f: FunctionBuilder, type: number, cpu: Int, address: Int, offset: number): void {
  f.jumpIndirect(type, x.loadInt(address, offset + record.handler), [cpu, x.add(address, x.int(offset))]);
}

/** Enters a block if the budget lasts to its end, else leaves at its start. */
export function enterBlock(f: FunctionBuilder, functions: TransferFunctions, cpu: Int, block: Int): void {
  const budget = f.let(x.sub(x.loadInt(cpu, at.budget), x.loadInt(block, header.count)));
  f.if(x.ltS(budget, x.int(0)), () => {
    f.storeInt(cpu, at.eip, x.loadInt(block, header.eip));
    f.storeInt(cpu, at.tail, x.int(1));
    f.return();
  });
  f.storeInt(cpu, at.budget, budget);
  toRecord(f, functions.handlerType, cpu, block, HEADER_SIZE);
}

/** Index of an EIP in the jump cache, in bytes; `blocks.ts` computes the same. */
function jumpCacheEntry(eip: Int): Int {
  const hash = x.and(x.xor(eip, x.shrU(eip, x.int(12))), x.int(JUMP_ENTRIES - 1));
  return x.add(x.shl(hash, x.int(4)), x.int(MachineMemory.jumpCache));
}

/**
 * Function (cpu): goes on at the state's EIP. The jump cache answers when the execute TLB knows the page, and EIP, host
 * address, mode and limit agree; otherwise `translate` finds or makes the block, or raises what fetching raises.
 */
export function dispatchBody(functions: TransferFunctions): Uint8Array {
  const f = new FunctionBuilder(1);
  const cpu = f.parameter(I32, 0);
  const eip = f.let(x.loadInt(cpu, at.eip));
  const linear = f.let(x.add(eip, x.loadInt(cpu, segmentOffset(CS) + segment.base)));
  const entry = f.let(x.add(x.loadInt(cpu, at.tlb), x.and(x.shrU(linear, x.int(8)), x.int(0xfff0))));
  f.if(x.eq(x.loadInt(entry, tlb.execute), x.and(linear, x.int(~0xfff))), () => {
    const host = f.let(x.add(linear, x.loadInt(entry, tlb.addend)));
    const cached = f.let(jumpCacheEntry(eip));
    const sameCode = x.and(x.eq(x.loadInt(cached, jump.eip), eip), x.eq(x.loadInt(cached, jump.host), host));
    f.if(x.and(sameCode, x.eq(x.loadInt(cached, jump.mode), x.loadInt(cpu, at.mode))), () => {
      const block = f.let(x.loadInt(cached, jump.block));
      const limit = x.loadInt(cpu, segmentOffset(CS) + segment.high);
      f.if(x.leU(x.loadInt(block, header.last), limit), () => enterBlock(f, functions, cpu, block));
    });
  });
  const block = f.let(x.call(I32, functions.translate, []));
  f.if(x.isZero(block), () => f.return());
  enterBlock(f, functions, cpu, block);
  f.unreachable();
  return f.body();
}

/** Function (cpu, block): runs a block, and what follows it, from its first record. */
export function enterBody(functions: TransferFunctions): Uint8Array {
  const f = new FunctionBuilder(2);
  enterBlock(f, functions, f.parameter(I32, 0), f.parameter(I32, 1));
  f.unreachable();
  return f.body();
}

/** Transfers of the interpreter. */
export class RecordFlow implements Flow {
  readonly #f: FunctionBuilder;
  readonly #source: OperandSource;
  readonly #functions: TransferFunctions;

  constructor(f: FunctionBuilder, source: OperandSource, functions: TransferFunctions) {
    this.#f = f;
    this.#source = source;
    this.#functions = functions;
  }

  next(): void {
    toRecord(this.#f, this.#functions.handlerType, this.#source.cpu, this.#source.record, RECORD_SIZE);
  }

  branch(taken: boolean): void {
    const f = this.#f;
    const offset = taken ? record.a : record.b;
    const known = f.let(x.loadInt(this.#source.record, offset));
    f.if(x.gtU(known, x.int(link.dispatch)), () => enterBlock(f, this.#functions, this.#source.cpu, known));
    f.storeInt(this.#source.cpu, at.eip, taken ? this.#source.target() : this.#source.nextEip());
    f.if(x.isZero(known), () => f.call(this.#functions.linkBranch, [this.#source.record, x.int(offset)]));
    this.dispatch();
  }

  dispatch(): void {
    this.#f.jump(this.#functions.dispatch, [this.#source.cpu]);
  }

  leave(): void {
    this.#f.return();
  }
}
