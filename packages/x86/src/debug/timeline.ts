import { MachineError } from "../errors.ts";
import type { Machine, MachineStop } from "../machine.ts";
import type { MachineState } from "../snapshot/snapshot.ts";
import { DiskHistory } from "./disk-history.ts";
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

/** How densely the past is kept. */
export interface TimelineOptions {
  /** Instructions between two checkpoints, at first. Default 50 million. */
  readonly interval?: number;
  /** Checkpoints that are kept; when there are more, every second one is forgotten. Default 64. */
  readonly checkpoints?: number;
  /** Bytes of overwritten disk contents that are kept; when there are more, the earliest checkpoints are forgotten. Default 256 MB. */
  readonly overwritten?: number;
}

/** Instructions between two looks at how much a guest has overwritten. */
const longestPiece = 4_000_000;

/**
 * A machine whose past can be visited. With time from instructions alone, what a machine does follows from what it was and what was done to it;
 * so any instant is reached from the checkpoint before it. Positions count instructions.
 *
 * Disks go with it: at every moment they hold what the machine's present says, so going back takes back what was written since.
 *
 * Whatever moves or changes the machine has to go through here: `run`, `receive` and `intervene`.
 */
export class Timeline {
  readonly machine: Machine;
  readonly #memory: MemoryHistory;
  readonly #disks: readonly DiskHistory[];
  readonly #mostOverwritten: number;
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
  constructor(machine: Machine, { interval = 50_000_000, checkpoints = 64, overwritten = 256 << 20 }: TimelineOptions = {}) {
    const state = machine.saveState();
    if (!state.icount)
      throw new MachineError("configuration", "going back in time needs a machine whose time is its instructions (icount)");
    this.machine = machine;
    this.#memory = new MemoryHistory(machine.ram);
    this.#disks = machine.disks.filter(({ readOnly }) => !readOnly).map((disk) => new DiskHistory(disk));
    this.#mostOverwritten = overwritten;
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
      const stop = this.machine.run(Math.min(goal - this.position, this.#nextPlace() - this.position, this.#longestPiece));
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

  /** Moves to a checkpoint. MachineError (`image`) when a disk cannot be written: it is then to be recalled again. */
  recall(number: number): void {
    const checkpoint = this.#checkpoints[number];
    if (checkpoint === undefined) throw new RangeError(`there is no checkpoint ${number}`);
    for (const disk of this.#disks) disk.recall(number);
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

  get #longestPiece(): number {
    return this.#disks.length === 0 ? Number.POSITIVE_INFINITY : longestPiece;
  }

  /** Makes a checkpoint when it is time: the interval is over, or much has been overwritten since the last. */
  #checkpoint(): void {
    const last = this.#checkpoints.at(-1)?.position ?? 0;
    if (this.position <= last) return;
    const sinceLast = this.#disks.reduce((sum, disk) => sum + disk.sinceLast, 0);
    if (this.position < last + this.#interval && sinceLast <= this.#mostOverwritten / 8) return;
    this.#memory.add();
    for (const disk of this.#disks) disk.add();
    this.#checkpoints.push({ position: this.position, state: this.machine.saveState(), done: this.#done });
    if (this.#checkpoints.length > this.#most) this.#thin();
    while (this.#checkpoints.length > 1 && this.#overwritten > this.#mostOverwritten) this.#forget(0);
  }

  get #overwritten(): number {
    return this.#disks.reduce((sum, disk) => sum + disk.size, 0);
  }

  #thin(): void {
    for (let number = this.#checkpoints.length - 2; number > 0; number -= 2) this.#forget(number);
    this.#interval *= 2;
  }

  #forget(number: number): void {
    this.#memory.forget(number);
    for (const disk of this.#disks) disk.forget(number);
    this.#checkpoints.splice(number, 1);
  }

  #forgetFuture(): void {
    const { position } = this;
    this.#interventions.splice(this.#done);
    this.#frontier = position;
    const last = this.#checkpoints.findLastIndex((checkpoint) => checkpoint.position <= position && checkpoint.done <= this.#done);
    this.#memory.truncate(last);
    for (const disk of this.#disks) disk.truncate(last);
    this.#checkpoints.splice(last + 1);
  }
}
