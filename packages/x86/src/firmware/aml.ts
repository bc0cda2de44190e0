/**
 * ACPI Machine Language, as much of it as describes a PC (ACPI 5.0, chapter 20). A term is its encoding; every function makes one out of
 * others, so that a definition block is written as it would be in ASL.
 */
export type Term = readonly number[];

/** An integer, as the shortest of its encodings (20.2.3). */
export function integer(value: number): Term {
  const unsigned = value >>> 0;
  if (unsigned <= 1) return [unsigned];
  if (unsigned <= 0xff) return [0x0a, unsigned];
  if (unsigned <= 0xffff) return [0x0b, ...little(unsigned, 2)];
  return [0x0c, ...little(unsigned, 4)];
}

function little(value: number, bytes: number): Term {
  return Array.from({ length: bytes }, (_, index) => (value >>> (8 * index)) & 0xff);
}

/** `\_SB.PCI0`: an optional root and names of at most four characters (20.2.2). */
export function path(name: string): Term {
  const rooted = name.startsWith("\\");
  const segments = (rooted ? name.slice(1) : name).split(".").map(segment);
  const root: Term = rooted ? [0x5c] : [];
  if (segments.length === 1) return [...root, ...segments.flat()];
  if (segments.length === 2) return [...root, 0x2e, ...segments.flat()];
  return [...root, 0x2f, segments.length, ...segments.flat()];
}

function segment(name: string): Term {
  if (!/^[A-Z_][A-Z0-9_]{0,3}$/.test(name)) throw new RangeError(`AML name ${name}: one to four of A-Z, 0-9 and _ are possible`);
  return Array.from({ length: 4 }, (_, index) => name.charCodeAt(index) || 0x5f);
}

/** A package length, which counts itself, and what it measures (20.2.4). */
function measured(body: Term): Term {
  if (body.length + 1 < 0x40) return [body.length + 1, ...body];
  const bytes = body.length + 2 < 0x1000 ? 1 : 2;
  const length = body.length + 1 + bytes;
  return [(bytes << 6) | (length & 0xf), ...little(length >>> 4, bytes), ...body];
}

export const name = (of: string, value: Term): Term => [0x08, ...path(of), ...value];
export const scope = (of: string, ...body: readonly Term[]): Term => [0x10, ...measured([...path(of), ...body.flat()])];
export const device = (of: string, ...body: readonly Term[]): Term => [0x5b, 0x82, ...measured([...path(of), ...body.flat()])];
/** Without a register block. */
export const processor = (of: string, id: number): Term => [0x5b, 0x83, ...measured([...path(of), id, 0, 0, 0, 0, 0])];
export const packageOf = (...elements: readonly Term[]): Term => [0x12, ...measured([elements.length, ...elements.flat()])];
export const buffer = (bytes: Term): Term => [0x11, ...measured([...integer(bytes.length), ...bytes])];
export const method = (of: string, parameters: number, ...body: readonly Term[]): Term => [
  0x14,
  ...measured([...path(of), parameters, ...body.flat()]),
];
export const store = (value: Term, target: string): Term => [0x70, ...value, ...path(target)];
export const firstArgument: Term = [0x68];
export const returns = (value: Term): Term => [0xa4, ...value];
export const when = (condition: Term, ...body: readonly Term[]): Term => [0xa0, ...measured([...condition, ...body.flat()])];

/** `PNP0A03` in its compressed form (19.5.37): three letters of five bits, four digits. */
export function eisaId(id: string): Term {
  const letter = (index: number): number => id.charCodeAt(index) & 0x1f;
  const letters = (letter(0) << 10) | (letter(1) << 5) | letter(2);
  const digits = Number.parseInt(id.slice(3), 16);
  return [0x0c, letters >>> 8, letters & 0xff, digits >>> 8, digits & 0xff];
}

// Resource descriptors (ACPI 5.0, 6.4).

/** Ports that a device decodes, all 16 bits. */
export const portRange = (base: number, length: number): Term => [0x47, 1, ...little(base, 2), ...little(base, 2), 1, length];
/** An ISA interrupt, edge-triggered. */
export const interruptLine = (line: number): Term => [0x22, ...little(1 << line, 2)];

/** Resource types and their flags: writable memory, all of the ports (tables 6-47 to 6-51). */
const windowKind = { memory: { type: 0, flags: 1 }, ports: { type: 1, flags: 3 }, bus: { type: 2, flags: 0 } } as const;

/** What a bridge passes on: a range of bus numbers, ports or memory. Both ends are fixed. */
export function windowOf(kind: "bus" | "ports" | "memory", first: number, last: number): Term {
  const FIXED = 0x0c;
  const bytes = kind === "memory" ? 4 : 2;
  const { type, flags } = windowKind[kind];
  const fields = [0, first, last, 0, last - first + 1].flatMap((value) => little(value, bytes));
  return [kind === "memory" ? 0x87 : 0x88, 3 + fields.length, 0, type, FIXED, flags, ...fields];
}

export const resources = (...descriptors: readonly Term[]): Term => buffer([...descriptors.flat(), 0x79, 0]);
