import { MachineError } from "../errors.ts";
import { crc32 } from "./crc32.ts";

/**
 * A snapshot file:
 *
 *      0  "Mercury\n"        8 bytes that say what it is
 *      8  version            32 bits, little-endian as all numbers here
 *     12  CRC-32             of all bytes from 16 on
 *     16  length of the text
 *     20  text               JSON: numbers, words, lists and records; { "bytes": n } stands for the next n bytes of what follows
 *      .  bytes              in the order of the text
 */
const magic: Uint8Array = new TextEncoder().encode("Mercury\n");
const field = { version: 8, crc: 12, length: 16, text: 20 } as const;

/** Of the format and of everything in it: other versions are refused. */
export const SNAPSHOT_VERSION = 2;

/** Saved state is not nested deeper than this. */
const deepest = 32;

/** How byte arrays stand in the text. No saved record has a field of this name alone. */
interface BytesMark {
  readonly bytes: number;
}

const isMark = (value: unknown): value is BytesMark =>
  typeof value === "object" && value !== null && "bytes" in value && Object.keys(value).length === 1 && typeof value.bytes === "number";

function broken(why: string): MachineError {
  return new MachineError("snapshot", `snapshot: ${why}`);
}

/** Packs plain data, byte arrays included, into a file. */
export function pack(data: unknown): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const json = JSON.stringify(data, (_, value: unknown) => {
    if (!(value instanceof Uint8Array)) return value;
    parts.push(value);
    return { bytes: value.length } satisfies BytesMark;
  });
  const text = new TextEncoder().encode(json);
  const file = new Uint8Array(field.text + text.length + parts.reduce((sum, part) => sum + part.length, 0));
  file.set(magic);
  file.set(text, field.text);
  let offset = field.text + text.length;
  for (const part of parts) {
    file.set(part, offset);
    offset += part.length;
  }
  const view = new DataView(file.buffer);
  view.setUint32(field.version, SNAPSHOT_VERSION, true);
  view.setUint32(field.length, text.length, true);
  view.setUint32(field.crc, crc32(file.subarray(field.length)), true);
  return file;
}

/**
 * The data of a file. Its byte arrays are parts of the file, not copies.
 * @throws MachineError (`snapshot`) for a file that is none, is of another version, or is damaged
 */
export function unpack(file: Uint8Array): unknown {
  if (file.length < field.text || magic.some((byte, index) => file[index] !== byte))
    throw broken("this is no snapshot of a machine: it does not begin with Mercury's mark");
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const version = view.getUint32(field.version, true);
  if (version !== SNAPSHOT_VERSION) throw broken(`it is of version ${version}, and this program reads version ${SNAPSHOT_VERSION}`);
  if (crc32(file.subarray(field.length)) !== view.getUint32(field.crc, true))
    throw broken("the file is damaged or cut short: its checksum does not fit");
  const end = field.text + view.getUint32(field.length, true);
  if (end > file.length) throw broken("its text is longer than the file");
  return revive(parse(file.subarray(field.text, end)), file.subarray(end));
}

function parse(text: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
  } catch (error) {
    throw broken(`its text is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Puts the byte arrays back in their places, in the order in which `pack` met them. */
function revive(data: unknown, bytes: Uint8Array): unknown {
  let offset = 0;
  const visit = (value: unknown, depth: number): unknown => {
    if (depth > deepest) throw broken("its text is nested too deeply");
    if (isMark(value)) {
      const end = offset + value.bytes;
      if (!Number.isInteger(value.bytes) || value.bytes < 0 || end > bytes.length) throw broken("its byte arrays are longer than the file");
      const part = bytes.subarray(offset, end);
      offset = end;
      return part;
    }
    if (Array.isArray(value)) return value.map((element) => visit(element, depth + 1));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, visit(inner, depth + 1)]));
  };
  return visit(data, 0);
}
