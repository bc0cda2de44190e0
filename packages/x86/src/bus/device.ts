import type { Shape } from "../snapshot/shape.ts";

/** Bytes of one access. */
export type AccessSize = 1 | 2 | 4;

/**
 * A chip as the bus sees it. It never knows its address: offsets count from the start of the range at which the board put it.
 * Everything it remembers is plain data, given and taken by save and restore.
 */
export interface Device<State = unknown> {
  /** Value of an access; bits above `size` bytes are ignored. */
  read(offset: number, size: AccessSize): number;
  write(offset: number, size: AccessSize, value: number): void;
  /** Power-on state. */
  reset(): void;
  /** The whole state, as structured-cloneable data of its own. */
  save(): State;
  /** The opposite of save, for data that has this chip's shape. Events to come are scheduled anew. */
  restore(state: State): void;
  /** What saved state must look like. */
  readonly shape: Shape<State>;
}

/** An output pin: level true is asserted. */
export type Pin = (level: boolean) => void;
