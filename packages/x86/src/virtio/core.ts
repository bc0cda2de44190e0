import type { Dma } from "../bus/dma.ts";
import type { Pin } from "../bus/device.ts";
import type { Alarm, Clock } from "../clock/clock.ts";
import type { Shape } from "../snapshot/shape.ts";
import type { VirtioDevice } from "./device.ts";
import { BrokenQueue, type QueueState, SplitQueue } from "./queue.ts";
import { resetState, type TransportState, transportShape } from "./state.ts";

/** Bits of the device status (Virtual I/O Device 1.1, 2.1). */
export const status = { acknowledge: 1, driver: 2, driverOk: 4, featuresOk: 8, needsReset: 64, failed: 128 } as const;
/** Feature bits of transports and queues (6): 28 and 29 of the first word, 32 as bit 0 of the second. */
const indirectDescriptors = 1 << 28;
const eventIndexes = 1 << 29;
const version1 = 1;
/** Bits of the interrupt status (4.1.4.5). */
const interrupt = { queue: 1, configuration: 2 } as const;
/** Time from a notification to the queue being looked at: fixed, so that runs under virtual time agree. */
const notificationTime = 20_000;
/** Chains done in one go; the rest comes after the time of another notification. */
const mostAtOnce = 256;

/** What a virtio device is, whichever way its registers are reached: status, features, queues, interrupts. */
export class VirtioCore {
  readonly device: VirtioDevice;
  readonly shape: Shape<TransportState>;
  readonly #clock: Clock;
  readonly #dma: Dma;
  readonly #interrupt: Pin;
  #state: TransportState;
  #alarm: Alarm | undefined;

  constructor(device: VirtioDevice, clock: Clock, dma: Dma, interruptPin: Pin) {
    this.device = device;
    this.shape = transportShape(device.queues);
    this.#clock = clock;
    this.#dma = dma;
    this.#interrupt = interruptPin;
    this.#state = resetState(device.queues);
  }

  get state(): TransportState {
    return this.#state;
  }

  reset(): void {
    this.#cancel();
    this.#state = resetState(this.device.queues);
    this.#interrupt(false);
  }

  save(): TransportState {
    return structuredClone(this.#state);
  }

  restore(state: TransportState): void {
    this.#cancel();
    this.#state = structuredClone(state);
    if (state.due >= 0) this.#wait(state.due);
    this.#interrupt(state.interruptStatus !== 0);
  }

  /** Features offered: word 0 or 1; every other one is empty. */
  features(word: number): number {
    if (word === 0) return (this.device.features | indirectDescriptors | eventIndexes) >>> 0;
    return word === 1 ? version1 : 0;
  }

  /** The driver accepts features, as long as it may (3.1.1); those not offered are ignored. */
  acceptFeatures(word: number, bits: number): void {
    const state = this.#state;
    if (word > 1 || (state.status & status.driverOk) !== 0) return;
    state.driverFeatures[word] = (bits & this.features(word)) >>> 0;
  }

  /** A write of the device status; 0 resets (4.1.4.3.1). */
  setStatus(value: number): void {
    if (value === 0) {
      this.reset();
      return;
    }
    // Only a reset clears the device's own bit.
    this.#state.status = value | (this.#state.status & status.needsReset);
  }

  get queue(): QueueState | undefined {
    return this.#state.queues[this.#state.queueSelect];
  }

  /** The driver has something in a queue. */
  notify(queue: number): void {
    const state = this.#state;
    if (state.queues[queue]?.enabled !== true || (state.status & (status.needsReset | status.driverOk)) !== status.driverOk) return;
    state.notified |= 1 << queue;
    if (state.due < 0) this.#wait(this.#clock.now() + notificationTime);
  }

  /** Reading the interrupt status clears it, and the request with it. */
  takeInterruptStatus(): number {
    const value = this.#state.interruptStatus;
    this.#state.interruptStatus = 0;
    this.#interrupt(false);
    return value;
  }

  #cancel(): void {
    if (this.#alarm !== undefined) this.#clock.cancel(this.#alarm);
    this.#alarm = undefined;
  }

  #wait(due: number): void {
    this.#cancel();
    this.#state.due = due;
    this.#alarm = this.#clock.schedule(due, () => {
      this.#alarm = undefined;
      this.#state.due = -1;
      this.#serveAll();
    });
  }

  #serveAll(): void {
    const { notified } = this.#state;
    this.#state.notified = 0;
    try {
      for (const index of this.#state.queues.keys()) if ((notified & (1 << index)) !== 0) this.#serve(index);
    } catch (broken) {
      if (!(broken instanceof BrokenQueue)) throw broken;
      this.#state.status |= status.needsReset;
      this.#raise(interrupt.configuration);
    }
  }

  #serve(index: number): void {
    const state = this.#state.queues[index];
    if (state === undefined) return;
    const queue = new SplitQueue(state, this.#dma, ((this.#state.driverFeatures[0] ?? 0) & eventIndexes) !== 0);
    for (let count = 0; count < mostAtOnce; count++) {
      const chain = this.#next(queue);
      if (chain === undefined) return;
      if (queue.give(chain.head, this.device.perform(chain, this.#dma))) this.#raise(interrupt.queue);
    }
    this.notify(index);
  }

  /** After the last request the driver is asked for a notification, and a request that came before it heard is not missed. */
  #next(queue: SplitQueue): ReturnType<SplitQueue["take"]> {
    const chain = queue.take();
    if (chain !== undefined) return chain;
    queue.awaitNotification();
    return queue.take();
  }

  #raise(cause: number): void {
    this.#state.interruptStatus |= cause;
    this.#interrupt(true);
  }
}
