import type { BoardState } from "../board/pc.ts";
import { MachineError } from "../errors.ts";
import { unpack } from "./container.ts";
import { type DiskDescription, diskShape, type DiskState } from "./disks.ts";
import type { SparseMemory } from "./pages.ts";
import { bytes, flag, record, type Shape, time, whole } from "./shape.ts";

/** What a machine must be made with to go on from a snapshot. */
export interface SnapshotDescription {
  /** Bytes of RAM. */
  readonly memory: number;
  readonly icount: boolean;
  /** Name and version of the processor layer; their saved state is their own affair. */
  readonly processor: string;
  /** Instructions retired. */
  readonly instructions: number;
}

/** Everything that a machine is but its RAM and the contents of its disks, between two instructions. */
export interface MachineState extends SnapshotDescription {
  /** Nanoseconds: of machine time, or with `icount` those that passed while the processor was halted. */
  readonly time: number;
  readonly cpu: Uint8Array;
  readonly board: BoardState;
}

/** Everything that a machine is. */
export interface Snapshot extends MachineState {
  readonly disks: readonly DiskState[];
  readonly ram: SparseMemory;
}

const text: Shape<string> = {
  check(data, place) {
    if (typeof data === "string" && data.length <= 200) return data;
    throw new MachineError("snapshot", `snapshot: ${place} should be a name`);
  },
};

/** What the board makes of its part is for the board to check. */
const anything: Shape<unknown> = { check: (data) => data };

const shape: Shape<Omit<Snapshot, "board"> & { readonly board: unknown }> = record({
  memory: whole(0, 2 ** 31),
  icount: flag,
  processor: text,
  instructions: whole(0, Number.MAX_SAFE_INTEGER),
  time,
  cpu: bytes,
  board: anything,
  disks: diskShape,
  ram: record<SparseMemory>({ present: bytes, pages: bytes }),
});

/** The parts of a snapshot file; `board` is still to be checked by the board that takes it. */
export function readSnapshot(file: Uint8Array): Omit<Snapshot, "board"> & { readonly board: unknown } {
  return shape.check(unpack(file), "machine");
}

/**
 * What a machine for this snapshot must be made with.
 * @throws MachineError (`snapshot`) for a file that is no snapshot, is of another version, or is damaged
 */
export function describeSnapshot(file: Uint8Array): SnapshotDescription & { readonly disks: readonly DiskDescription[] } {
  const { memory, icount, processor, instructions, disks } = readSnapshot(file);
  return { memory, icount, processor, instructions, disks: disks.map(({ bus, readOnly, sectors }) => ({ bus, readOnly, sectors })) };
}

/** Refuses a snapshot of another kind of machine, with a sentence. */
export function requireSame(own: Omit<SnapshotDescription, "instructions">, saved: SnapshotDescription): void {
  const differ = (what: string, here: string, there: string): never => {
    throw new MachineError("snapshot", `snapshot: it is of a machine with ${what} ${there}, and this one has ${here}`);
  };
  if (own.memory !== saved.memory) differ("memory of", `${own.memory} bytes`, `${saved.memory} bytes`);
  if (own.icount !== saved.icount)
    differ("time by", own.icount ? "instructions" : "the host's clock", saved.icount ? "instructions" : "the host's clock");
  if (own.processor !== saved.processor) differ("processor", own.processor, saved.processor);
}
