import { byte, dword, flag, list, record, type Shape, whole, word } from "../snapshot/shape.ts";
import { emptyQueue, largestQueue, type QueueState } from "./queue.ts";

/** Saved state of a transport. */
export interface TransportState {
  /** Device status (Virtual I/O Device 1.1, 2.1). */
  status: number;
  /** Interrupt status: bit 0 a queue, bit 1 the configuration. */
  interruptStatus: number;
  featureSelect: number;
  driverFeatureSelect: number;
  /** Features that the driver has accepted: bits 0 to 31, and 32 to 63. */
  driverFeatures: number[];
  queueSelect: number;
  queues: QueueState[];
  /** Queues that have been notified, a bit each; and nanoseconds at which they are looked at, -1 when none is. */
  notified: number;
  due: number;
  /** Writable fields of the configuration access capability: bar, offset, length. */
  access: number[];
}

const address: Shape<number> = whole(0, Number.MAX_SAFE_INTEGER);

const queueShape: Shape<QueueState> = record({
  size: whole(1, largestQueue),
  enabled: flag,
  descriptors: address,
  available: address,
  used: address,
  taken: word,
  given: word,
});

export const transportShape = (queues: number): Shape<TransportState> =>
  record({
    status: byte,
    interruptStatus: byte,
    featureSelect: dword,
    driverFeatureSelect: dword,
    driverFeatures: list(dword, { exactly: 2 }),
    queueSelect: word,
    queues: list(queueShape, { exactly: queues }),
    notified: dword,
    due: whole(-1, Number.MAX_SAFE_INTEGER),
    access: list(dword, { exactly: 3 }),
  });

/** After power-on, and after a reset by the driver. */
export const resetState = (queues: number): TransportState => ({
  status: 0,
  interruptStatus: 0,
  featureSelect: 0,
  driverFeatureSelect: 0,
  driverFeatures: [0, 0],
  queueSelect: 0,
  queues: Array.from({ length: queues }, emptyQueue),
  notified: 0,
  due: -1,
  access: [0, 0, 0],
});
