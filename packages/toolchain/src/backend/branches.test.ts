import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jumpBytes, labelOffset, layOut, type Piece } from "./branches.ts";

/** Pieces with one label each of the numbers 0 to `labels` - 1, jumps among them and filler between. */
const program = fc.integer({ min: 1, max: 8 }).chain((labels) => {
  const filler = fc.integer({ min: 0, max: 200 }).map((length): Piece => ({ kind: "bytes", bytes: new Uint8Array(length) }));
  const jump = fc
    .record({ label: fc.integer({ min: 0, max: labels - 1 }), conditional: fc.boolean() })
    .map(({ label, conditional }): Piece => ({ kind: "jump", condition: conditional ? "e" : null, label }));
  const places = fc.shuffledSubarray(
    Array.from({ length: labels }, (_, label) => label),
    { minLength: labels, maxLength: labels },
  );
  return fc
    .tuple(places, fc.array(fc.array(fc.oneof(filler, jump), { maxLength: 6 }), { minLength: labels, maxLength: labels }))
    .map(([order, groups]) => order.flatMap((label, index): Piece[] => [...(groups[index] ?? []), { kind: "label", label }]));
});

/** Where a jump's bytes really lead, from its offset. */
function destination(bytes: Uint8Array, offset: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const distance = bytes.length === 2 ? view.getInt8(1) : view.getInt32(bytes.length - 4, true);
  return offset + bytes.length + distance;
}

describe("branch relaxation", () => {
  test("every jump leads to its label", () => {
    fc.assert(
      fc.property(program, (pieces) => {
        const layout = layOut(pieces);
        pieces.forEach((piece, index) => {
          if (piece.kind !== "jump") return;
          const bytes = jumpBytes(layout, index, piece.condition, piece.label);
          const offset = layout.offsets[index] ?? 0;
          expect(offset + bytes.length).toBe(layout.offsets[index + 1]);
          expect(destination(bytes, offset)).toBe(labelOffset(layout, piece.label));
        });
      }),
    );
  });

  test("no jump is long that could be short", () => {
    fc.assert(
      fc.property(program, (pieces) => {
        const layout = layOut(pieces);
        for (const index of layout.long) {
          const piece = pieces[index];
          const distance = labelOffset(layout, piece?.kind === "jump" ? piece.label : 0) - (layout.offsets[index + 1] ?? 0);
          // Three or four bytes less of its own may be what a shorter one would save.
          expect(distance < -124 || distance > 123).toBe(true);
        }
      }),
    );
  });
});
