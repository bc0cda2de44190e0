import { cylinders, headsPerCylinder, mostShort, sectorsPerTrack } from "./geometry.ts";

/** What IDENTIFY DEVICE tells of a drive's settings. */
export interface Identity {
  readonly sectors: number;
  readonly serial: string;
  /** Sectors to a block of the MULTIPLE commands; 0 while there is none. */
  readonly multiple: number;
  /** Transfer mode as SET FEATURES takes it. */
  readonly transferMode: number;
  readonly writeCache: boolean;
}

/** The largest block of the MULTIPLE commands, in sectors. */
export const mostMultiple = 16;
const model = "Mercury disk";
const firmware = "1";
/** Kinds of transfer mode (ATA/ATAPI-6, 8.46.2, table 34): the upper five bits. */
export const transferKind = { multiwordDma: 0x20, ultraDma: 0x40 } as const;

/** The highest mode of each kind: the PIIX3 has PIO 4 and multiword DMA 2; what ultra DMA modes a drive has is of no use there. */
export const highestMode = { pio: 4, multiwordDma: 2, ultraDma: 5 } as const;

function putText(words: Uint16Array, at: number, length: number, text: string): void {
  const padded = text.padEnd(2 * length, " ");
  for (let index = 0; index < length; index++) words[at + index] = (padded.charCodeAt(2 * index) << 8) | padded.charCodeAt(2 * index + 1);
}

/** The modes of a kind, and which of them is chosen. */
function modes(highest: number, kind: number, transferMode: number): number {
  const chosen = (transferMode & 0xf8) === kind ? 1 << (transferMode & 7) : 0;
  return ((2 << highest) - 1) | (chosen << 8);
}

/** Commands and features (words 82 to 84): NOP and write cache; 48-bit addresses, FLUSH CACHE and FLUSH CACHE EXT. Bit 14 is always 1. */
const features = { first: 0x4000, writeCache: 1 << 5, second: 0x4000 | (1 << 10) | (1 << 12) | (1 << 13), third: 0x4000 } as const;

/** The 256 words of IDENTIFY DEVICE (ATA/ATAPI-6, table 27). */
export function identify(drive: Identity): Uint16Array {
  const words = new Uint16Array(256);
  const set = (at: number, ...values: readonly number[]): void => words.set(values, at);
  const { sectors } = drive;
  const byGeometry = cylinders(sectors) * headsPerCylinder * sectorsPerTrack;
  const short = Math.min(sectors, mostShort);
  set(0, 0x0040, cylinders(sectors), 0, headsPerCylinder, 0, 0, sectorsPerTrack);
  putText(words, 10, 10, drive.serial);
  putText(words, 23, 4, firmware);
  putText(words, 27, 20, model);
  set(47, 0x8000 | mostMultiple, 1, 0x0f00, 0x4000, 0x0200, 0x0200, 0x0007);
  set(54, cylinders(sectors), headsPerCylinder, sectorsPerTrack, byGeometry & 0xffff, byGeometry >>> 16);
  set(59, drive.multiple === 0 ? 0 : 0x0100 | drive.multiple, short & 0xffff, short >>> 16);
  set(63, modes(highestMode.multiwordDma, transferKind.multiwordDma, drive.transferMode), 0x0003, 120, 120, 120, 120);
  // Versions 4 to 6 of the standard.
  set(80, 0x0070);
  const cache = drive.writeCache ? features.writeCache : 0;
  set(82, features.first | features.writeCache, features.second, features.third);
  set(85, features.first | cache, features.second, features.third);
  set(88, modes(highestMode.ultraDma, transferKind.ultraDma, drive.transferMode));
  // Reset result: device 0 passed, and an 80-conductor cable.
  set(93, 0x6001);
  set(100, sectors & 0xffff, Math.floor(sectors / 2 ** 16) & 0xffff, Math.floor(sectors / 2 ** 32));
  // Nothing rotates (ATA8-ACS, word 217).
  set(217, 1);
  putChecksum(words);
  return words;
}

/** Word 255: A5h, and what makes all bytes add up to 0. */
function putChecksum(words: Uint16Array): void {
  words[255] = 0xa5;
  const sum = new Uint8Array(words.buffer).reduce((total, value) => total + value, 0);
  words[255] = 0xa5 | ((-sum & 0xff) << 8);
}
