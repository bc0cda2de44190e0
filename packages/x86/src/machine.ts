import { boardTables } from "./board/firmware.ts";
import { Board, lines, type LineName } from "./board/pc.ts";
import { loadLinux } from "./boot/linux.ts";
import { memoryMap } from "./boot/memory-map.ts";
import { loadMultiboot } from "./boot/multiboot.ts";
import { processorDma } from "./bus/dma.ts";
import { AttachedDisk } from "./disk/attached.ts";
import { MachineClock } from "./clock/clock.ts";
import { HostTime, InstructionTime } from "./clock/sources.ts";
import { MachineError } from "./errors.ts";
import type { Cpu, CpuDebug, CpuRegisters } from "./layer.ts";
import type { LinuxBoot, Machine, MachineCounters, MachineOptions, MachineStop, Multiboot } from "./machine-api.ts";
import { checkBoot, checkOptions } from "./machine-checks.ts";
import { ConsoleEnd, type SerialConsole } from "./host/console.ts";
import { Emitter, type EventName, type MachineEvents, type Moment } from "./host/events.ts";
import { interpreter } from "./interpreter/layer.ts";
import { pack } from "./snapshot/container.ts";
import { requireSameDisks, restoreDisks, saveDisks } from "./snapshot/disks.ts";
import { checkPages, gather, scatter } from "./snapshot/pages.ts";
import { type MachineState, readSnapshot, requireSame, type Snapshot, type SnapshotDescription } from "./snapshot/snapshot.ts";

export type { LinuxBoot, Machine, MachineCounters, MachineOptions, MachineStop, Multiboot } from "./machine-api.ts";

/** Instructions between two looks at the host's clock: a fraction of a millisecond. */
const hostSlice = 50_000;
/** Events that may leave a halted processor halted before `run` comes back: a fraction of a second of the host's. */
const mostUnheeded = 100_000;
/** Nanoseconds of machine time after which it is no longer exact, but for the alarms of some seconds: 104 days. */
const longestTime: number = 2 ** 53 - 2 ** 33;
/** 10 September 2007: any fixed date serves. */
const fixedEpoch = Date.UTC(2007, 8, 10);

class Pc implements Machine {
  readonly disks: readonly AttachedDisk[];
  private readonly events = new Emitter();
  /** Made when somebody asks for them: what nobody reads is not kept. */
  private ends: readonly [ConsoleEnd, ConsoleEnd, ConsoleEnd] | undefined;
  /** Machine time at which the processor began to wait, while it does. */
  private idleSince: number | undefined;
  /** Events since then under virtual time, none of which has ended the wait. */
  private unheeded = 0;
  private readonly description: Omit<SnapshotDescription, "instructions">;
  private readonly timeSource: HostTime | InstructionTime;
  private readonly cpu: Cpu;
  private readonly board: Board;
  private readonly clock: MachineClock;
  private readonly virtualTime: InstructionTime | undefined;
  private ended: MachineStop | undefined;

  constructor(options: MachineOptions) {
    checkOptions(options);
    this.disks = (options.disks ?? []).map((disk, index) => new AttachedDisk(disk, index));
    const icount = options.icount ?? false;
    const layer = options.cpu ?? interpreter;
    this.description = { memory: options.memory, icount, processor: `${layer.name} ${layer.version}` };
    this.virtualTime = icount ? new InstructionTime(() => this.cpu.retired) : undefined;
    this.timeSource = this.virtualTime ?? new HostTime();
    this.clock = new MachineClock(this.timeSource);
    let boardReady = false;
    this.cpu = layer.create({
      memory: options.memory,
      ...(options.hide !== undefined && { hide: options.hide }),
      bus: {
        readPort: (port, size) => this.board.ports.read(port, size),
        writePort: (port, size, value) => {
          this.board.ports.write(port, size, value);
          // What was written may have set an alarm that rings before the present run would end.
          this.cpu.leave();
        },
        readMemory: (address, size) => this.board.memory.read(address, size),
        writeMemory: (address, size, value) => {
          this.board.memory.write(address, size, value);
          this.cpu.leave();
        },
        acknowledge: () => this.board.acknowledge(),
        floatError: (pending) => this.board.floatError.report(pending),
        moveLocalApic: (base) => {
          // The processor's own reset comes before there is a board; the one below comes after.
          if (boardReady) this.board.moveLocalApic(base);
        },
        timeStamp: () => BigInt(Math.floor(this.clock.now())),
        observe: (kind, vector, errorCode) => {
          if (!this.events.heard(kind)) return;
          if (kind === "interrupt") this.events.emit(kind, { ...this.moment, vector });
          else this.events.emit(kind, { ...this.moment, vector, errorCode });
        },
      },
    });
    const end = (stop: MachineStop): void => {
      this.finish(stop);
      this.cpu.leave();
    };
    const transmit = options.transmit ?? ((port, byte) => this.ends?.[port].send(byte));
    this.board = new Board({
      clock: this.clock,
      memory: options.memory,
      dma: processorDma(this.cpu),
      disks: this.disks,
      epoch: Math.floor(options.epoch ?? (icount ? fixedEpoch : Date.now())),
      interrupt: (level) => this.cpu.setInterrupt(level),
      nmi: () => this.cpu.raiseNmi(),
      transmit,
      exit: (code) => end({ reason: "exit", code }),
      powerOff: () => end({ reason: "power-off" }),
      reset: () => end({ reason: "reset" }),
    });
    boardReady = true;
    this.cpu.reset();
    this.board.reset();
  }

  get ram(): Uint8Array {
    return this.cpu.ram;
  }

  load(boot: Multiboot | LinuxBoot): void {
    checkBoot(boot);
    const { ram } = this.cpu;
    const map = memoryMap(ram.length);
    const commandLine = boot.commandLine ?? "";
    const entry =
      "kernel" in boot
        ? loadLinux({ kernel: boot.kernel, initrd: boot.initrd ?? [], commandLine }, ram, map)
        : loadMultiboot({ image: boot.image, commandLine, modules: boot.modules ?? [] }, ram, map);
    for (const { address, bytes } of boardTables()) ram.set(bytes, address);
    this.begin();
    this.cpu.enterProtectedMode(entry);
    // A kernel finds the chips as firmware leaves them, whatever one before it has made of them.
    this.board.reset();
  }

  run(count: number): MachineStop {
    if (Number.isNaN(count) || typeof count !== "number")
      throw new MachineError("configuration", `run(${String(count)}): a number of instructions is wanted; Infinity runs to the end`);
    const goal = this.cpu.retired + Math.floor(count);
    if (this.timeSource instanceof InstructionTime) return this.runUntil(goal);
    this.timeSource.setRunning(true);
    try {
      return this.runUntil(goal);
    } finally {
      this.timeSource.setRunning(false);
    }
  }

  private runUntil(goal: number): MachineStop {
    while (this.ended === undefined) {
      this.clock.ringDue();
      const left = goal - this.cpu.retired;
      if (left <= 0) return { reason: "count" };
      if (this.clock.now() > longestTime)
        throw new MachineError(
          "configuration",
          "the machine's time has come to 104 days, behind which nanoseconds cannot be counted: start it anew",
        );
      const stop = this.cpu.run(Math.min(left, this.sliceLength()));
      if (stop === "breakpoint") return { reason: "breakpoint" };
      if (stop === "watchpoint" && this.cpu.debug?.watched !== undefined)
        return { reason: "watchpoint", watchpoint: this.cpu.debug.watched };
      if (stop === "triple-fault") this.finish({ reason: "triple-fault" });
      if (stop === "halted" && this.ended === undefined) {
        this.idleSince ??= this.clock.now();
        const wait = this.waitForEvent();
        if (wait !== undefined) return { reason: "idle", wait };
      } else this.noteIdle();
    }
    return this.ended;
  }

  receive(port: 0 | 1 | 2, bytes: Uint8Array): void {
    if (this.events.heard("input")) this.events.emit("input", { ...this.moment, port, bytes });
    this.board.serial[port].receive(bytes);
  }

  setLine(line: LineName | number, level: boolean): void {
    this.board.setLine(typeof line === "number" ? line : lines[line], level);
  }

  on<Name extends EventName>(name: Name, listener: (event: MachineEvents[Name]) => void): () => void {
    return this.events.on(name, listener);
  }

  get consoles(): readonly [SerialConsole, SerialConsole, SerialConsole] {
    const end = (port: 0 | 1 | 2): ConsoleEnd => new ConsoleEnd((bytes) => this.receive(port, bytes));
    this.ends ??= [end(0), end(1), end(2)];
    const [com1, com2, com3] = this.ends;
    return [com1.console, com2.console, com3.console];
  }

  get registers(): CpuRegisters {
    return this.cpu.registers;
  }

  get debug(): CpuDebug | undefined {
    return this.cpu.debug;
  }

  get counters(): MachineCounters {
    return { instructions: this.cpu.retired, ...this.cpu.counts };
  }

  get now(): number {
    return this.clock.now();
  }

  memoryHash(): number {
    let hash = 0x811c_9dc5;
    const words = new Uint32Array(this.ram.buffer, this.ram.byteOffset, this.ram.length >>> 2);
    for (const word of words) hash = Math.imul(hash ^ word, 0x0100_0193);
    return hash >>> 0;
  }

  saveState(): MachineState {
    if (this.ended !== undefined) throw new MachineError("configuration", "the machine has ended, and there is nothing to go on from");
    return {
      ...this.description,
      instructions: this.cpu.retired,
      time: this.timeSource.save(),
      cpu: this.cpu.save(),
      board: this.board.save(),
    };
  }

  restoreState(state: MachineState): void {
    // The last that may refuse; nothing has changed before.
    this.cpu.restore(state.cpu);
    this.timeSource.restore(state.time);
    this.clock.clear();
    this.board.restore(state.board);
    this.begin();
  }

  save(): Uint8Array<ArrayBuffer> {
    const snapshot: Snapshot = { ...this.saveState(), disks: saveDisks(this.disks), ram: gather(this.cpu.ram) };
    return pack(snapshot);
  }

  restore(file: Uint8Array): void {
    const saved = readSnapshot(file);
    requireSame(this.description, saved);
    requireSameDisks(this.disks, saved.disks);
    const board = this.board.shape.check(saved.board, "board");
    checkPages(saved.ram, this.cpu.ram.length);
    this.restoreState({ ...saved, board });
    scatter(saved.ram, this.cpu.ram);
    restoreDisks(this.disks, saved.disks);
  }

  private get moment(): Moment {
    return { time: this.clock.now(), instructions: this.cpu.retired };
  }

  private finish(stop: MachineStop): void {
    this.ended = stop;
    this.noteIdle();
    for (const one of this.ends ?? []) one.close();
    if (this.events.heard("end")) this.events.emit("end", { ...this.moment, stop });
  }

  /** Whatever the machine did before is over. The streams of one that has ended have ended with it. */
  private begin(): void {
    if (this.ended !== undefined) this.ends = undefined;
    this.ended = undefined;
    this.idleSince = undefined;
    this.unheeded = 0;
  }

  /** The processor goes on after a wait. */
  private noteIdle(): void {
    this.unheeded = 0;
    if (this.idleSince === undefined) return;
    const { moment, idleSince: from } = this;
    this.idleSince = undefined;
    if (this.events.heard("idle") && moment.time > from) this.events.emit("idle", { ...moment, from, to: moment.time });
  }

  /** Instructions until the next look at the alarms. Virtual time reaches an alarm at an exact instruction. */
  private sliceLength(): number {
    if (this.virtualTime === undefined) return hostSlice;
    const ahead = this.clock.nextAlarm - this.clock.now();
    return Math.max(1, Math.min(Math.ceil(ahead), 0x4000_0000));
  }

  /**
   * A halted processor: virtual time jumps to the next event; the host's has to pass. Returns nanoseconds to wait, or nothing when time has moved.
   * A timer that nobody hears, with interrupts off say, would jump for ever, so now and then the caller is asked.
   */
  private waitForEvent(): number | undefined {
    const next = this.clock.nextAlarm;
    if (next <= this.clock.now()) return undefined;
    const asks = this.unheeded++ === mostUnheeded;
    if (asks) this.unheeded = 0;
    if (this.virtualTime === undefined || next === Number.POSITIVE_INFINITY || asks) return next - this.clock.now();
    this.virtualTime.skipTo(next);
    return undefined;
  }
}

/** Puts a PC together: processor, RAM and the chips of a PC/AT. MachineError (`configuration`) for options that no machine can have. */
export function createMachine(options: MachineOptions): Machine {
  return new Pc(options);
}
