import type { Dma } from "../bus/dma.ts";
import { type Disk, sectorSize } from "../disk/disk.ts";
import { BrokenQueue, type Chain, type Segment } from "./queue.ts";
import type { VirtioDevice } from "./device.ts";

/** Feature bits (Virtual I/O Device 1.1, 5.2.3). */
const feature = { segmentMaximum: 1 << 2, readOnly: 1 << 5, blockSize: 1 << 6, flush: 1 << 9 } as const;
/** Kinds of request and their outcome (5.2.6). */
const request = { read: 0, write: 1, flush: 4, id: 8 } as const;
const outcome = { ok: 0, ioError: 1, unsupported: 2 } as const;
const headerSize = 16;
const idSize = 20;
/** A request moves at most this much: more is refused, as a host must be able to hold it. */
const mostBytes = 16 << 20;
/** Data segments to a request: what is left of a queue beside header and status. */
const mostSegments = 126;

/** A block device: one queue, whose requests are done in order. */
export class VirtioBlock implements VirtioDevice {
  readonly id = 2;
  readonly classCode = 0x010000;
  readonly queues = 1;
  readonly features: number;
  readonly #disk: Disk;
  readonly #serial: string;

  constructor(disk: Disk, serial: string) {
    this.#disk = disk;
    this.#serial = serial;
    this.features = feature.segmentMaximum | feature.blockSize | feature.flush | (disk.readOnly ? feature.readOnly : 0);
  }

  /** The device's part of the configuration space (5.2.4). */
  get configuration(): Uint8Array {
    const bytes = new Uint8Array(24);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(this.#disk.sectors), true);
    view.setUint32(12, mostSegments, true);
    view.setUint32(20, sectorSize, true);
    return bytes;
  }

  perform({ readable, writable }: Chain, dma: Dma): number {
    const header = gather(readable, dma);
    const status = writable.at(-1);
    if (header.length < headerSize || status === undefined || status.length < 1)
      throw new BrokenQueue("a request without header or status");
    const view = new DataView(header.buffer);
    const kind = view.getUint32(0, true);
    const sector = Number(view.getBigUint64(8, true));
    // The status is the last byte that the device may write.
    const data = [...writable.slice(0, -1), { address: status.address, length: status.length - 1 }];
    const { result, written } = this.#execute(kind, sector, header.subarray(headerSize), data, dma);
    if (!dma.write(status.address + status.length - 1, Uint8Array.of(result))) throw new BrokenQueue("a status outside memory");
    return written + 1;
  }

  #execute(kind: number, sector: number, payload: Uint8Array, data: readonly Segment[], dma: Dma): { result: number; written: number } {
    const none = (result: number): { result: number; written: number } => ({ result, written: 0 });
    switch (kind) {
      case request.read: {
        const length = total(data);
        const bytes = new Uint8Array(Math.min(length, mostBytes));
        if (length > mostBytes || !this.#fits(sector, length) || !this.#try((disk) => disk.read(sector, bytes)))
          return none(outcome.ioError);
        scatter(bytes, data, dma);
        return { result: outcome.ok, written: length };
      }
      case request.write: {
        const possible = !this.#disk.readOnly && this.#fits(sector, payload.length);
        return none(possible && this.#try((disk) => disk.write(sector, payload)) ? outcome.ok : outcome.ioError);
      }
      case request.flush:
        return none(this.#try((disk) => disk.flush()) ? outcome.ok : outcome.ioError);
      case request.id: {
        const bytes = new Uint8Array(Math.min(idSize, total(data)));
        new TextEncoder().encodeInto(this.#serial, bytes);
        scatter(bytes, data, dma);
        return { result: outcome.ok, written: bytes.length };
      }
      default:
        return none(outcome.unsupported);
    }
  }

  #fits(sector: number, length: number): boolean {
    return length % sectorSize === 0 && sector + length / sectorSize <= this.#disk.sectors;
  }

  #try(action: (disk: Disk) => void): boolean {
    try {
      action(this.#disk);
      return true;
    } catch {
      return false;
    }
  }
}

const total = (segments: readonly Segment[]): number => segments.reduce((sum, { length }) => sum + length, 0);

/** All bytes of the segments, in an array of their own. */
function gather(segments: readonly Segment[], dma: Dma): Uint8Array {
  const length = total(segments);
  if (length > mostBytes + headerSize) throw new BrokenQueue(`a request of ${length} bytes`);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const segment of segments) {
    const part = dma.read(segment.address, segment.length);
    if (part === undefined) throw new BrokenQueue("a segment outside memory");
    bytes.set(part, at);
    at += segment.length;
  }
  return bytes;
}

function scatter(bytes: Uint8Array, segments: readonly Segment[], dma: Dma): void {
  let at = 0;
  for (const { address, length } of segments) {
    if (!dma.write(address, bytes.subarray(at, at + length))) throw new BrokenQueue("a segment outside memory");
    at += length;
  }
}
