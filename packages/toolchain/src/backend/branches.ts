/** Jumps of a function before their lengths are known: short ones first, each grown to 32 bits when its target is too far. */

import { conditions, type Condition } from "./shapes.ts";

export type Piece =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "label"; readonly label: number }
  | { readonly kind: "jump"; readonly condition: Condition | null; readonly label: number }
  /** Addresses of labels, four bytes each, aligned to 4. */
  | { readonly kind: "table"; readonly labels: readonly number[] };

export interface Layout {
  /** Offset of each piece; one more entry for the end. */
  readonly offsets: readonly number[];
  readonly labels: ReadonlyMap<number, number>;
  readonly long: ReadonlySet<number>;
}

const shortBytes = 2;

/** Chooses the length of every jump: the least fixed point, as a jump never shrinks again. */
export function layOut(pieces: readonly Piece[]): Layout {
  const long = new Set<number>();
  for (;;) {
    const { offsets, labels } = place(pieces, long);
    const grown = pieces.flatMap((piece, index) =>
      piece.kind === "jump" && !long.has(index) && tooFar(offsets, labels, piece.label, index) ? [index] : [],
    );
    if (grown.length === 0) return { offsets, labels, long };
    for (const index of grown) long.add(index);
  }
}

function place(pieces: readonly Piece[], long: ReadonlySet<number>): { offsets: number[]; labels: Map<number, number> } {
  const offsets: number[] = [];
  const labels = new Map<number, number>();
  let offset = 0;
  pieces.forEach((piece, index) => {
    offsets.push(offset);
    if (piece.kind === "label") labels.set(piece.label, offset);
    offset += sizeOf(piece, long.has(index), offset);
  });
  offsets.push(offset);
  return { offsets, labels };
}

function sizeOf(piece: Piece, long: boolean, offset: number): number {
  switch (piece.kind) {
    case "bytes":
      return piece.bytes.length;
    case "label":
      return 0;
    case "table":
      return (-offset & 3) + piece.labels.length * 4;
    case "jump":
      return long ? (piece.condition === null ? 5 : 6) : shortBytes;
  }
}

function tooFar(offsets: readonly number[], labels: ReadonlyMap<number, number>, label: number, index: number): boolean {
  const distance = targetOf(labels, label) - ((offsets[index] ?? 0) + shortBytes);
  return distance < -128 || distance > 127;
}

function targetOf(labels: ReadonlyMap<number, number>, label: number): number {
  const target = labels.get(label);
  if (target === undefined) throw new RangeError(`label ${label} is jumped to but never placed`);
  return target;
}

/** Bytes of a jump: EB, E9, 7x or 0F 8x (SDM 2A JMP, Jcc). */
export function jumpBytes(layout: Layout, index: number, condition: Condition | null, label: number): Uint8Array {
  const end = layout.offsets[index + 1] ?? 0;
  const distance = targetOf(layout.labels, label) - end;
  const number = condition === null ? 0 : conditions.indexOf(condition);
  if (!layout.long.has(index)) return Uint8Array.of(condition === null ? 0xeb : 0x70 | number, distance & 0xff);
  const head = condition === null ? [0xe9] : [0x0f, 0x80 | number];
  return Uint8Array.of(...head, distance & 0xff, (distance >> 8) & 0xff, (distance >> 16) & 0xff, distance >>> 24);
}

export function labelOffset(layout: Layout, label: number): number {
  return targetOf(layout.labels, label);
}
