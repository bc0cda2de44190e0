import type { AccessSize, Device } from "../bus/device.ts";
import type { Dma } from "../bus/dma.ts";
import { byte, dword, record, type Shape } from "../snapshot/shape.ts";

/** Registers of one channel (Programming Interface for Bus Master IDE Controller 1.0, 2). */
const register = { command: 0, status: 2, table: 4 } as const;
const command = { start: 0x01, toMemory: 0x08 } as const;
const status = { active: 0x01, error: 0x02, interrupt: 0x04, drives: 0x60 } as const;
/** A descriptor: address, then a 16-bit count (0 is 64 KB) and the end-of-table bit. */
const descriptorSize = 8;
const endOfTable = 0x8000_0000;
/** A table does not cross 64 KB (2.1). */
const mostDescriptors = 0x1_0000 / descriptorSize;

export interface BusMasterState {
  command: number;
  status: number;
  table: number;
}

/** How a transfer ended: all of it done; the table was too short, after which hardware waits for ever; or memory did not answer. */
export type TransferEnd = "done" | "short" | "error";

/** The bus master of one IDE channel: moves a drive's data to and from the memory that its table describes. */
export class BusMaster implements Device<BusMasterState> {
  readonly shape: Shape<BusMasterState> = record({ command: byte, status: byte, table: dword });
  #state: BusMasterState = { command: 0, status: 0, table: 0 };
  readonly #dma: Dma;
  readonly #enabled: () => boolean;
  /** Hears that the start bit has changed. */
  changed: (started: boolean) => void = () => {};

  /** `enabled`: whether the controller may reach memory. */
  constructor(dma: Dma, enabled: () => boolean) {
    this.#dma = dma;
    this.#enabled = enabled;
  }

  /** A program has started it, and it has not ended. */
  get active(): boolean {
    return (this.#state.status & status.active) !== 0;
  }

  /** Whether it is set to write to memory. */
  get toMemory(): boolean {
    return (this.#state.command & command.toMemory) !== 0;
  }

  /** The drive has raised its interrupt. */
  notice(): void {
    this.#state.status |= status.interrupt;
  }

  read(offset: number, size: AccessSize): number {
    const { command: bits, status: flags, table } = this.#state;
    if (offset >= register.table) return size === 4 ? table : table >>> (8 * (offset & 3));
    return offset === register.command ? bits + flags * 0x1_0000 : offset === register.status ? flags : 0;
  }

  write(offset: number, size: AccessSize, value: number): void {
    if (offset === register.command) this.#command(value & 0xff);
    if (offset === register.status) this.#writeStatus(value & 0xff);
    if (offset >= register.table) this.#writeTable(offset & 3, size, value);
  }

  reset(): void {
    this.#state = { command: 0, status: 0, table: 0 };
  }

  save(): BusMasterState {
    return { ...this.#state };
  }

  restore(state: BusMasterState): void {
    this.#state = { ...state };
  }

  /** Writes a drive's data to memory. */
  store(data: Uint8Array): TransferEnd {
    return this.#walk(data.length, (address, at, length) => this.#dma.write(address, data.subarray(at, at + length)));
  }

  /** Fills `data` from memory. */
  fetch(data: Uint8Array): TransferEnd {
    return this.#walk(data.length, (address, at, length) => {
      const part = this.#dma.read(address, length);
      if (part !== undefined) data.set(part, at);
      return part !== undefined;
    });
  }

  #command(value: number): void {
    const state = this.#state;
    const started = (value & command.start) !== 0;
    const before = (state.command & command.start) !== 0;
    // The direction must not change while it runs.
    state.command = before && started ? state.command : value & (command.start | command.toMemory);
    if (started === before) return;
    state.status = started ? state.status | status.active : state.status & ~status.active;
    this.changed(started);
  }

  /** Error and interrupt are cleared by ones; the drives' capability bits are memory. */
  #writeStatus(value: number): void {
    const kept = this.#state.status & ~(value & (status.error | status.interrupt));
    this.#state.status = (kept & ~status.drives) | (value & status.drives);
  }

  #writeTable(byteOffset: number, size: AccessSize, value: number): void {
    const mask = size === 4 ? 0xffff_ffff : ((1 << (8 * size)) - 1) << (8 * byteOffset);
    const { table } = this.#state;
    this.#state.table = (((table & ~mask) | ((value << (8 * byteOffset)) & mask)) & ~3) >>> 0;
  }

  #walk(total: number, move: (address: number, at: number, length: number) => boolean): TransferEnd {
    let done = 0;
    for (let index = 0; index < mostDescriptors; index++) {
      const descriptor = this.#enabled() ? this.#dma.read(this.#state.table + index * descriptorSize, descriptorSize) : undefined;
      if (descriptor === undefined) return this.#fail();
      const view = new DataView(descriptor.buffer, descriptor.byteOffset, descriptorSize);
      const [address, second] = [view.getUint32(0, true) & ~1, view.getUint32(4, true)];
      const length = Math.min(second & 0xfffe || 0x1_0000, total - done);
      if (!move(address >>> 0, done, length)) return this.#fail();
      done += length;
      const last = second >= endOfTable;
      // Active falls with the last byte that the table describes (3.1).
      if (last && length === (second & 0xfffe || 0x1_0000)) this.#state.status &= ~status.active;
      if (done === total) return "done";
      if (last) return "short";
    }
    return "short";
  }

  #fail(): TransferEnd {
    this.#state.status = (this.#state.status & ~status.active) | status.error;
    return "error";
  }
}
