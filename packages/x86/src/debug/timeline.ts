import { MachineError } from "../errors.ts";
import type { Machine, MachineStop } from "../machine.ts";
import type { MachineState } from "../snapshot/snapshot.ts";
import { MemoryHistory } from "./memory-history.ts";

/** Something done to the machine from outside, and when: after so many instructions, at this machine time. */
interface Intervention {
  readonly position: number;
  readonly now: number;
  readonly apply: (machine: Machine) => void;
}

interface Checkpoint {
  readonly position: number;
  readonly state: MachineState;
  /** Interventions that came before it. */
  readonly done: number;
}

/** How much of a machine's past is kept. */
/** How densely the past is kept. */
export interface TimelineOptions {
  /** Instructions between two checkpoints, at first. Default 50 million. */
  readonly interval?: number;
  /** Checkpoints that are kept; when there are more, every second one is forgotten. Default 64. */
  readonly checkpoints?: number;
}

/**
 * A machine whose past can be visited. With time from instructions alone, what a machine does follows from what it was and what was done to it;
 * so any instant is reached from the checkpoint before it. Positions count instructions.
 *
 * Whatever moves or changes the machine has to go through here: `run`, `receive` and `intervene`.
 */
export class Timeline {
  readonly machine: Machine;
  readonly #memory: MemoryHistory;
  readonly #checkpoints: Checkpoint[];
  readonly #interventions: Intervention[] = [];
  /** Input that came while the machine was in its past. */
  readonly #waiting: Intervention["apply"][] = [];
  readonly #most: number;
  #interval: number;
  /** Interventions that came before the present state. */
  #done = 0;
  /** The farthest that the machine has been. */
  #frontier: number;

  /** The timeline begins now. MachineError (`configuration`) unless the machine counts its time in instructions. */
  constructor(machine: Machine, { interval = 50_000_000, checkpoints = 64 }: TimelineOptions = {}) {
    const state = machine.saveState();
    if (!state.icount)
      throw new MachineError("configuration", "going back in time needs a machine whose time is its instructions (icount)");
    this.machine = machine;
    this.#memory = new MemoryHistory(machine.ram);
    this.#checkpoints = [{ position: state.instructions, state, done: 0 }];
    this.#interval = interval;
    this.#most = Math.max(3, checkpoints);
    this.#frontier = this.position;
  }

  get position(): number {
    return this.machine.counters.instructions;
  }

  /** The earliest position that can be visited. */
  get start(): number {
    return this.#checkpoints[0]?.position ?? 0;
  }

  /** The machine does again what it has done before: what it sends has been sent. */
  get repeating(): boolean {
    return this.position < this.#frontier || this.#done < this.#interventions.length;
  }

  /** Bytes come in; while the machine is in its past they wait until it is back at the present. */
  receive(port: 0 | 1 | 2, bytes: Uint8Array): void {
    const copy = bytes.slice();
    const apply = (machine: Machine): void => machine.receive(port, copy);
    if (this.repeating) this.#waiting.push(apply);
    else this.intervene(apply);
  }

  /** Changes the machine by hand. Done in the past, it makes another future: the one that was is forgotten. */
  intervene(apply: (machine: Machine) => void): void {
    if (this.repeating) this.#forgetFuture();
    this.#interventions.push({ position: this.position, now: this.machine.now, apply });
    this.#done++;
    apply(this.machine);
  }

  /** As the machine's `run`; makes checkpoints on the way, and repeats what was done to the machine. */
  run(count: number): MachineStop {
    const goal = this.position + count;
    for (;;) {
      this.#repeatDue();
      if (this.position >= goal) return { reason: "count" };
      const stop = this.machine.run(Math.min(goal, this.#nextPlace()) - this.position);
      this.#frontier = Math.max(this.#frontier, this.position);
      const waits = stop.reason === "idle" && this.#next?.position === this.position;
      // It had waited until this was done to it.
      if (waits && stop.wait === Number.POSITIVE_INFINITY) this.#repeat();
      else if (waits) continue;
      else if (stop.reason !== "count") return stop;
      else this.#checkpoint();
    }
  }

  /** Moves to a position between `start` and the farthest that the machine has been. */
  visit(position: number): void {
    const goal = Math.max(this.start, Math.min(position, this.#frontier));
    this.recall(this.#checkpoints.findLastIndex((checkpoint) => checkpoint.position <= goal));
    this.run(goal - this.position);
  }

  /** The last checkpoint before a position; undefined when there is none. */
  checkpointBefore(position: number): number | undefined {
    const number = this.#checkpoints.findLastIndex((checkpoint) => checkpoint.position < position);
    return number < 0 ? undefined : number;
  }

  /** Moves to a checkpoint. */
  recall(number: number): void {
    const checkpoint = this.#checkpoints[number];
    if (checkpoint === undefined) throw new RangeError(`there is no checkpoint ${number}`);
    this.machine.restoreState(checkpoint.state);
    this.#memory.recall(number);
    this.#done = checkpoint.done;
  }

  get #next(): Intervention | undefined {
    return this.#interventions[this.#done];
  }

  #repeat(): void {
    this.#next?.apply(this.machine);
    this.#done++;
  }

  /** Repeats what was done at this instant; back at the present, takes what has been waiting. */
  #repeatDue(): void {
    while (this.#next?.position === this.position && this.#next.now <= this.machine.now) this.#repeat();
    if (this.repeating) return;
    for (const apply of this.#waiting.splice(0)) this.intervene(apply);
  }

  /** Where something is to be done: the next intervention of the past, or a checkpoint. */
  #nextPlace(): number {
    const checkpoint = (this.#checkpoints.at(-1)?.position ?? 0) + this.#interval;
    const next = this.#next?.position ?? checkpoint;
    const { position } = this;
    // What is due here waits for a machine that waits.
    return Math.min(checkpoint > position ? checkpoint : Number.POSITIVE_INFINITY, next > position ? next : Number.POSITIVE_INFINITY);
  }

  #checkpoint(): void {
    if (this.position < (this.#checkpoints.at(-1)?.position ?? 0) + this.#interval) return;
    this.#memory.add();
    this.#checkpoints.push({ position: this.position, state: this.machine.saveState(), done: this.#done });
    if (this.#checkpoints.length <= this.#most) return;
    for (let number = this.#checkpoints.length - 2; number > 0; number -= 2) {
      this.#memory.forget(number);
      this.#checkpoints.splice(number, 1);
    }
    this.#interval *= 2;
  }

  #forgetFuture(): void {
    const { position } = this;
    this.#interventions.splice(this.#done);
    this.#frontier = position;
    const last = this.#checkpoints.findLastIndex((checkpoint) => checkpoint.position <= position && checkpoint.done <= this.#done);
    this.#memory.truncate(last);
    this.#checkpoints.splice(last + 1);
  }
}
