import { voOperationNumbers, voOperations, type VoOperationName } from "@mercury/abi";

/**
 * The meter in the kernel's data: a mark of 16 bytes, then for each operation, in the order of voOperations, a record for each form, native first:
 * calls (32 bits), a gap, ticks of the time stamp counter (64 bits).
 */
export const mark = "own-vo's meter:\n";
export const recordSize = 16;
export const ticksOffset = 8;
const forms = ["native", "virtual"] as const;
export type Form = (typeof forms)[number];

/** Bytes of the meter. */
export const meterSize: number = mark.length + Object.keys(voOperations).length * forms.length * recordSize;

/** Offset of an operation's record from the meter's start. */
export function recordOffset(name: VoOperationName, form: Form): number {
  const number = (voOperationNumbers[name] ?? 0) * forms.length + forms.indexOf(form);
  return mark.length + number * recordSize;
}

/** What became of one body of an operation. */
export interface Count {
  readonly calls: number;
  /** Ticks of the time stamp counter in all its calls; 0 for bodies that are only counted. */
  readonly ticks: number;
}

export type Meter = Readonly<Record<VoOperationName, Readonly<Record<Form, Count>>>>;

/** Reads the meter out of a machine's RAM, or a dump of it. Throws a RangeError when there is none, or more than one. */
export function readMeter(ram: Uint8Array): Meter {
  const bytes = Buffer.from(ram.buffer, ram.byteOffset, ram.length);
  const at = bytes.indexOf(mark, 0, "latin1");
  if (at < 0) throw new RangeError("this memory holds no meter: the kernel was built with another VO layer");
  if (bytes.indexOf(mark, at + 1, "latin1") >= 0) throw new RangeError("this memory holds more than one meter");
  const count = (name: VoOperationName, form: Form): Count => {
    const record = at + recordOffset(name, form);
    return { calls: bytes.readUInt32LE(record), ticks: Number(bytes.readBigUInt64LE(record + ticksOffset)) };
  };
  // Keys of an object literal are strings to the type checker.
  const names = Object.keys(voOperations) as VoOperationName[];
  // One entry for each name.
  return Object.fromEntries(names.map((name) => [name, { native: count(name, "native"), virtual: count(name, "virtual") }])) as Meter;
}
