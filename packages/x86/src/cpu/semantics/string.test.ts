import fc from "fast-check";
import { expect, it } from "vitest";
import type { Line } from "../../../test/assemble.ts";
import { Guest, place } from "../../../test/guest.ts";

const REGION = 0x3000;

interface Strings {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly size: 1 | 2 | 4;
  readonly backwards: boolean;
  readonly stop: number;
}

const arbitrary: fc.Arbitrary<Strings> = fc.record({
  from: fc.integer({ min: 0x400, max: 0x2400 }),
  to: fc.oneof(fc.integer({ min: 0x400, max: 0x2400 }), fc.integer({ min: 0x1000, max: 0x1010 })),
  count: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 250 })),
  size: fc.constantFrom(1, 2, 4),
  backwards: fc.boolean(),
  stop: fc.integer({ min: 1, max: 300 }),
});

const bytes: Uint8Array = Uint8Array.from({ length: REGION }, (_, index) => (index * 37 + (index >> 8)) & 0xff);

function start({ from, to, count, size, backwards }: Strings, move: boolean, value: number): Guest {
  const guest = new Guest(1 << 20);
  guest.bytes.set(bytes, place.data);
  guest.eflags = backwards ? 0x402 : 2;
  guest.set("esi", place.data + from);
  guest.set("edi", place.data + to);
  guest.set("ecx", count);
  guest.set("eax", value);
  const opcode = (move ? 0xa4 : 0xaa) | (size === 1 ? 0 : 1);
  const line: Line = size === 2 ? [0x66, 0xf3, opcode, 0xf4] : [0xf3, opcode, 0xf4];
  guest.load([line]);
  return guest;
}

/** Element by element, as the manual says it. */
function model({ from, to, count, size, backwards }: Strings, move: boolean, value: number): Uint8Array {
  const memory = bytes.slice();
  const step = backwards ? -size : size;
  for (let index = 0; index < count; index++) {
    const source = from + index * step;
    // An element is read as a whole before it is written.
    const element = move
      ? memory.slice(source, source + size)
      : Uint8Array.of(value, value >> 8, value >> 16, value >> 24).subarray(0, size);
    memory.set(element, to + index * step);
  }
  return memory;
}

it.each([
  ["REP MOVS", true, 0],
  ["REP STOS of equal bytes", false, 0x5a5a5a5a],
  ["REP STOS of different bytes", false, 0x12345678],
])("%s does element by element what it does at once, wherever it is stopped", (_, move, value) => {
  fc.assert(
    fc.property(arbitrary, (strings) => {
      const guest = start(strings, move, value);
      guest.run(strings.stop);
      expect(guest.processor.core.retired).toBe(Math.min(strings.stop, Math.max(strings.count, 1) + 1));
      guest.run();
      expect(Buffer.compare(guest.bytes.subarray(place.data, place.data + REGION), model(strings, move, value))).toBe(0);
      expect(guest.get("ecx")).toBe(0);
    }),
    { seed: 1, numRuns: 50 },
  );
});
