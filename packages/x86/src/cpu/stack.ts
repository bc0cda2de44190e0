import { how, readMemory, writeMemory } from "../mmu/access.ts";
import { at, segment, SS } from "../state/layout.ts";
import type { Core } from "./core.ts";
import { baseOf, isBig, rangeOf, type Descriptor } from "./descriptor.ts";
import { raise, vector } from "./exceptions.ts";

/**
 * A stack that an instruction of several pushes or pops works on. Nothing of it shows in the registers until
 * `commit`, so that a fault in the middle leaves them as they were.
 */
export class Stack {
  readonly #core: Core;
  readonly #base: number;
  readonly #low: number;
  readonly #high: number;
  readonly #mask: number;
  readonly #access: number;
  /** Error code of #SS: 0 on the current stack, the selector on one that is being switched to. */
  readonly #errorCode: number;
  pointer: number;

  private constructor(
    core: Core,
    base: number,
    low: number,
    high: number,
    big: boolean,
    pointer: number,
    access: number,
    errorCode: number,
  ) {
    this.#core = core;
    this.#base = base;
    this.#low = low >>> 0;
    this.#high = high >>> 0;
    this.#mask = big ? -1 : 0xffff;
    this.#access = access;
    this.#errorCode = errorCode;
    this.pointer = pointer;
  }

  /** The stack of the present SS:ESP. `errorCode` is EXT when an event is being delivered. */
  static current(core: Core, errorCode = 0): Stack {
    const part = (field: number): number => core.segment(SS, field);
    const big = (part(segment.attributes) & 0x4000) !== 0;
    return new Stack(core, part(segment.base), part(segment.low), part(segment.high), big, core.state.get(at.esp), how.normal, errorCode);
  }

  /** The stack of another privilege level, for which `descriptor` has passed its checks. */
  static of(core: Core, descriptor: Descriptor, pointer: number, level: number, errorCode: number): Stack {
    const { low, high } = rangeOf(descriptor);
    const big = isBig(descriptor);
    // Pushes to an inner level's stack are made with its rights.
    const access = level < 3 ? how.system : how.normal;
    return new Stack(core, baseOf(descriptor), low, high, big, pointer, access, errorCode);
  }

  push(value: number, size: 2 | 4): void {
    const offset = (this.pointer - size) & this.#mask;
    writeMemory(this.#core, this.#linear(offset, size), value, size | this.#access);
    this.pointer = this.#moved(offset);
  }

  pop(size: 2 | 4): number {
    const value = this.peek(0, size);
    this.release(size);
    return value;
  }

  /** A value `delta` bytes above the top. */
  peek(delta: number, size: 2 | 4): number {
    const offset = (this.pointer + delta) & this.#mask;
    return readMemory(this.#core, this.#linear(offset, size), size | this.#access);
  }

  release(bytes: number): void {
    this.pointer = this.#moved((this.pointer + bytes) & this.#mask);
  }

  /** Makes the pointer the register's. */
  commit(): void {
    this.#core.state.set(at.esp, this.pointer);
  }

  /** Of a 16-bit stack the upper half of ESP stays. */
  #moved(offset: number): number {
    return (this.pointer & ~this.#mask) | (offset & this.#mask);
  }

  #linear(offset: number, size: number): number {
    const first = offset >>> 0;
    // In a flat segment of 4 GB addresses wrap.
    if (this.#high === 0xffffffff && this.#low === 0 && this.#base === 0) return offset | 0;
    if (first < this.#low || first > this.#high || this.#high - first < size - 1) raise(this.#core, vector.SS, this.#errorCode);
    return (this.#base + offset) | 0;
  }
}
