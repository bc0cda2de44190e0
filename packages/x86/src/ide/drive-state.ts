import { byte, bytes, flag, list, oneOf, record, type Shape, whole, word } from "../snapshot/shape.ts";
import { mostMultiple } from "./identify.ts";
import { status } from "./registers.ts";

const phases = ["idle", "refused", "command", "in", "out", "dma"] as const;

/** Saved state of a drive. */
export interface DriveState {
  /** Feature, count and the three parts of the address: the last value in the low byte, the one before in the high. */
  taskFile: number[];
  device: number;
  status: number;
  error: number;
  command: number;
  /** What is under way: a command of no data so far, data to be read or written by the guest, or a DMA transfer. */
  phase: (typeof phases)[number];
  /** Next sector of the transfer, and how many are left. */
  sector: number;
  remaining: number;
  /** Sectors to a block of data. */
  blockSectors: number;
  buffer: Uint8Array;
  position: number;
  /** Nanoseconds at which the drive goes on; -1 when it waits for nothing. */
  due: number;
  interrupt: boolean;
  /** Settings. */
  multiple: number;
  transferMode: number;
  writeCache: boolean;
}

/** The largest block of the data register, in bytes. */
const mostBuffer = mostMultiple * 512;
const mostSector = 2 ** 48;

const buffer: Shape<Uint8Array> = {
  check(data, place) {
    const checked = bytes.check(data, place);
    whole(0, mostMultiple).check(checked.length / 512, `${place}, in sectors,`);
    return checked;
  },
};

export const driveShape: Shape<DriveState> = record({
  taskFile: list(word, { exactly: 5 }),
  device: byte,
  status: byte,
  error: byte,
  command: byte,
  phase: oneOf(...phases),
  sector: whole(0, mostSector),
  remaining: whole(0, 0x1_0000),
  blockSectors: whole(1, mostMultiple),
  buffer,
  position: whole(0, mostBuffer),
  due: whole(-1, Number.MAX_SAFE_INTEGER),
  interrupt: flag,
  multiple: oneOf(0, 1, 2, 4, 8, 16),
  transferMode: byte,
  writeCache: flag,
});

/** After power-on or a reset: the signature of a drive without the packet feature set (ATA/ATAPI-6, 9.12), and "no error". */
export const powerOn = (): DriveState => ({
  taskFile: [0, 1, 1, 0, 0],
  device: 0,
  status: status.ready | status.seekComplete,
  error: 1,
  command: 0,
  phase: "idle",
  sector: 0,
  remaining: 0,
  blockSectors: 1,
  buffer: new Uint8Array(0),
  position: 0,
  due: -1,
  interrupt: false,
  multiple: 0,
  transferMode: 0,
  writeCache: true,
});
