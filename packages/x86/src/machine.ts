import { boardTables } from "./board/firmware.ts";
import { Board, lines, type LineName } from "./board/pc.ts";
import type { DiskOptions } from "./board/disks.ts";
import { loadLinux } from "./boot/linux.ts";
import { memoryMap } from "./boot/memory-map.ts";
import { loadMultiboot, type BootModule } from "./boot/multiboot.ts";
import { processorDma } from "./bus/dma.ts";
import { MachineClock } from "./clock/clock.ts";
import { HostTime, InstructionTime } from "./clock/sources.ts";
import { MachineError } from "./errors.ts";
import type { Watchpoint } from "./cpu/breakpoints.ts";
import type { FeatureName } from "./cpu/system/feature.ts";
import type { Cpu, CpuDebug, CpuLayer, CpuRegisters } from "./layer.ts";
import { ConsoleEnd, type SerialConsole } from "./host/console.ts";
import { Emitter, type EventName, type MachineEvents, type Moment } from "./host/events.ts";
import { interpreter } from "./interpreter/layer.ts";
import { pack } from "./snapshot/container.ts";
import { checkPages, gather, scatter } from "./snapshot/pages.ts";
import { type MachineState, readSnapshot, requireSame, type Snapshot, type SnapshotDescription } from "./snapshot/snapshot.ts";

export interface MachineOptions {
  /** Bytes of RAM: whole megabytes, 1 to 2,048 MB. */
  readonly memory: number;
  /** Time from retired instructions only: two runs are identical. Default: the host's clock. */
  readonly icount?: boolean;
  /** Milliseconds since 1970, UTC, at power-on. Default: now, or 2007-09-10 with icount. */
  readonly epoch?: number;
  /** A byte leaves a serial port; index 0 is COM1. Default: to the streams of `consoles`. */
  readonly transmit?: (port: 0 | 1 | 2, byte: number) => void;
  /** Disks, in the order in which the guest finds them. */
  readonly disks?: readonly DiskOptions[];
  /**
   * Features that CPUID does not show though they work, for kernels that keep no state of them: otherwise programs that ask the processor
   * would use what the kernel does not support.
   */
  readonly hide?: readonly FeatureName[];
  /** The processor. Default: the interpreter. */
  readonly cpu?: CpuLayer;
}

/** How a machine ends, or why it stands still. */
export type MachineStop =
  /** The given number of instructions has been retired. */
  | { readonly reason: "count" }
  /** The processor waits and, on the host's clock, the next event is still to come. */
  | { readonly reason: "idle"; /** Nanoseconds to the next event; Infinity when only input can wake the machine. */ readonly wait: number }
  /** A debugger's breakpoint: the instruction at EIP has not begun. */
  | { readonly reason: "breakpoint" }
  /** A debugger's watchpoint: the instruction before EIP has met it. */
  | { readonly reason: "watchpoint"; readonly watchpoint: Watchpoint }
  | { readonly reason: "power-off" }
  /** The guest asked for an exit code through the isa-debug-exit port. */
  | { readonly reason: "exit"; readonly code: number }
  | { readonly reason: "reset" }
  | { readonly reason: "triple-fault" };

/** A multiboot 1 kernel. */
export interface Multiboot {
  readonly image: Uint8Array;
  readonly commandLine?: string;
  readonly modules?: readonly BootModule[];
}

/** A Linux kernel. */
export interface LinuxBoot {
  /** A bzImage or an uncompressed vmlinux. */
  readonly kernel: Uint8Array;
  /** Initial RAM disks, unpacked by the kernel one over the other. */
  readonly initrd?: readonly Uint8Array[];
  readonly commandLine?: string;
}

export interface MachineCounters {
  readonly instructions: number;
  readonly exceptions: readonly number[];
  readonly interrupts: number;
}

/** Instructions between two looks at the host's clock: a fraction of a millisecond. */
const hostSlice = 50_000;
/** 10 September 2007: any fixed date serves. */
const fixedEpoch = Date.UTC(2007, 8, 10);
const mega = 0x10_0000;

/** A PC. It stands still unless `run` is being called. */
export interface Machine {
  readonly ram: Uint8Array;
  /** Loads a kernel and sets the processor to its entry. Throws a MachineError that says what is wrong with the files. */
  load(boot: Multiboot | LinuxBoot): void;
  /** Runs until `count` more instructions are retired, or something ends or stops the machine. */
  run(count: number): MachineStop;
  /** Bytes arrive at a serial port; they wait until the guest reads. */
  receive(port: 0 | 1 | 2, bytes: Uint8Array): void;
  /** The serial ports as streams, unless `transmit` takes what they send. What is sent before this is first read is lost. */
  readonly consoles: readonly [SerialConsole, SerialConsole, SerialConsole];
  /** Tells a listener of every such event; the function that it gives ends that. */
  on<Name extends EventName>(name: Name, listener: (event: MachineEvents[Name]) => void): () => void;
  /** Sets an interrupt line, for tests and debuggers. */
  setLine(line: LineName | number, level: boolean): void;
  readonly registers: CpuRegisters;
  readonly counters: MachineCounters;
  /** Nanoseconds of machine time since power-on. */
  readonly now: number;
  /** What debuggers need of the processor; undefined when it is one that cannot be debugged. */
  readonly debug: CpuDebug | undefined;
  /** FNV-1a of all RAM: equal memories, equal hashes. */
  memoryHash(): number;
  /** Everything but RAM, for those who keep RAM by themselves. MachineError (`configuration`) when the machine has ended. */
  saveState(): MachineState;
  /** The opposite, for state of this machine or one made alike; RAM is put back by the caller before the machine runs. */
  restoreState(state: MachineState): void;
  /**
   * The whole machine as the bytes of a file. A machine that has ended cannot be saved: MachineError (`configuration`).
   */
  save(): Uint8Array<ArrayBuffer>;
  /**
   * Goes on from saved bytes, in this machine or one made with the same memory, `icount` and processor in another process. What the guest
   * does from there is, with `icount`, what it would have done. MachineError (`snapshot`) says what does not fit; the machine is then as it was.
   */
  restore(snapshot: Uint8Array): void;
}

class Pc implements Machine {
  private readonly events = new Emitter();
  /** Made when somebody asks for them: what nobody reads is not kept. */
  private ends: readonly [ConsoleEnd, ConsoleEnd, ConsoleEnd] | undefined;
  /** Machine time at which the processor began to wait, while it does. */
  private idleSince: number | undefined;
  private readonly description: Omit<SnapshotDescription, "instructions">;
  private readonly timeSource: HostTime | InstructionTime;
  private readonly cpu: Cpu;
  private readonly board: Board;
  private readonly clock: MachineClock;
  private readonly virtualTime: InstructionTime | undefined;
  private ended: MachineStop | undefined;

  constructor(options: MachineOptions) {
    checkMemory(options.memory);
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
      disks: options.disks ?? [],
      epoch: options.epoch ?? (icount ? fixedEpoch : Date.now()),
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
    const { ram } = this.cpu;
    const map = memoryMap(ram.length);
    const commandLine = boot.commandLine ?? "";
    const entry =
      "kernel" in boot
        ? loadLinux({ kernel: boot.kernel, initrd: boot.initrd ?? [], commandLine }, ram, map)
        : loadMultiboot({ image: boot.image, commandLine, modules: boot.modules ?? [] }, ram, map);
    for (const { address, bytes } of boardTables()) ram.set(bytes, address);
    this.ended = undefined;
    this.cpu.enterProtectedMode(entry);
  }

  run(count: number): MachineStop {
    if (this.timeSource instanceof InstructionTime) return this.runUntil(this.cpu.retired + count);
    this.timeSource.setRunning(true);
    try {
      return this.runUntil(this.cpu.retired + count);
    } finally {
      this.timeSource.setRunning(false);
    }
  }

  private runUntil(goal: number): MachineStop {
    while (this.ended === undefined) {
      this.clock.ringDue();
      const left = goal - this.cpu.retired;
      if (left <= 0) return { reason: "count" };
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
    this.ended = undefined;
  }

  save(): Uint8Array<ArrayBuffer> {
    const snapshot: Snapshot = { ...this.saveState(), ram: gather(this.cpu.ram) };
    return pack(snapshot);
  }

  restore(file: Uint8Array): void {
    const saved = readSnapshot(file);
    requireSame(this.description, saved);
    const board = this.board.shape.check(saved.board, "board");
    checkPages(saved.ram, this.cpu.ram.length);
    this.restoreState({ ...saved, board });
    scatter(saved.ram, this.cpu.ram);
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

  /** The processor goes on after a wait. */
  private noteIdle(): void {
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

  /** A halted processor: virtual time jumps to the next event; the host's has to pass. Returns nanoseconds to wait, or nothing when time has moved. */
  private waitForEvent(): number | undefined {
    const next = this.clock.nextAlarm;
    if (next <= this.clock.now()) return undefined;
    if (this.virtualTime === undefined || next === Number.POSITIVE_INFINITY) return next - this.clock.now();
    this.virtualTime.skipTo(next);
    return undefined;
  }
}

function checkMemory(bytes: number): void {
  if (!Number.isInteger(bytes / mega) || bytes < mega || bytes > 2048 * mega)
    throw new MachineError("configuration", `memory of ${bytes} bytes: whole megabytes from 1 to 2048 are possible`);
}

/** Puts a PC together: processor, RAM and the chips of a PC/AT. */
export function createMachine(options: MachineOptions): Machine {
  return new Pc(options);
}
