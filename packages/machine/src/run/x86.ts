import {
  type CpuRegisters,
  createMachine,
  describeSnapshot,
  type DiskOptions,
  drive,
  kernelFormat,
  type LinuxBoot,
  type Machine,
  type MachineEnd,
  MachineError as PcError,
  type MachineStop,
  type Multiboot,
  trace,
} from "@mercury/x86";
import { MachineError } from "../errors.ts";
import { GdbServer } from "./gdb-server.ts";
import type { Exit, Runner, Running, RunRequest, SerialPort } from "./runner.ts";

/** Settings that only our own machine has. */
export interface X86Options {
  /** Time from retired instructions only: two runs with the same input are bit-identical. */
  readonly icount?: boolean;
  /** Goes on from a saved machine instead of booting the image. Memory, `icount` and processor have to be those of the snapshot. */
  readonly snapshot?: Uint8Array;
  /** Instructions after which the machine is stopped, exactly. */
  readonly stopAfter?: number;
  /** TCP port on the loopback address where gdb is waited for; the machine stands still until gdb lets it go. */
  readonly gdb?: number;
  /** Disks, which the caller opens and closes; those of a snapshot's machine, in the same order. */
  readonly disks?: readonly DiskOptions[];
  /** Records what happens for `trace`. */
  readonly trace?: boolean;
}

/** Counters and registers of a machine that stands still. */
export interface Statistics {
  readonly instructions: number;
  /** Deliveries by vector, exceptions only. */
  readonly exceptions: readonly number[];
  /** Hardware interrupts delivered. */
  readonly interrupts: number;
  /** Nanoseconds of machine time since power-on. */
  readonly time: number;
  /** FNV-1a of all RAM, hexadecimal. */
  readonly memory_hash: string;
  readonly registers: CpuRegisters;
}

/** Our own machine at work. It shares this thread, and gives it back between slices. */
export interface X86Running extends Running {
  /** Counters and registers as they are now; the machine may run on. */
  readonly statistics: () => Statistics;
  /** The machine as it is now, as the bytes of a snapshot file, while its disks are open. Throws a MachineError of kind `file` for a disk that cannot be saved. */
  readonly save: () => Uint8Array;
  /** Ends the recording: Chrome's and Perfetto's JSON; empty unless `trace` was asked for. */
  readonly trace: () => string;
}

export interface X86Runner extends Runner {
  readonly start: (request: RunRequest) => Promise<X86Running>;
}

/** Instructions between two looks at this process's events: some 10 ms of the interpreter. */
const slice = 400_000;
const mega = 0x10_0000;

/** Bytes that the guest has sent and nobody has been given yet, by port. */
class Outbox {
  readonly #ports: readonly number[][] = [[], [], []];

  add(port: SerialPort, byte: number): void {
    this.#ports[port]?.push(byte);
  }

  flush(receiver: RunRequest["onSerial"]): void {
    for (const port of [0, 1, 2] as const) {
      const bytes = this.#ports[port]?.splice(0) ?? [];
      if (bytes.length > 0) receiver(port, Uint8Array.from(bytes));
    }
  }
}

/** Registers as text, four to a line. */
function describe(registers: CpuRegisters): string {
  const cells = Object.entries(registers).map(([name, value]) => `${name}=${Number(value).toString(16).padStart(8, "0")}`);
  const lines: string[] = [];
  for (let index = 0; index < cells.length; index += 4) lines.push(cells.slice(index, index + 4).join(" "));
  return lines.join("\n");
}

function exitOf(stop: MachineEnd, machine: Machine): Exit {
  switch (stop.reason) {
    case "exit":
      return { kind: "code", code: stop.code };
    case "triple-fault":
      return { kind: "triple-fault", state: describe(machine.registers) };
    case "power-off":
    case "reset":
      return { kind: stop.reason };
  }
}

/** How our own machine is to load what was asked for. */
function bootOf({ image, modules, commandLine }: RunRequest): Multiboot | LinuxBoot {
  if (kernelFormat(image) === "linux") return { kernel: image, initrd: modules, commandLine };
  return { image, commandLine, modules: modules.map((contents, index) => ({ contents, name: `module${index}` })) };
}

type Transmit = (port: SerialPort, byte: number) => void;

function power(request: RunRequest, options: X86Options, transmit: Transmit): Machine {
  try {
    const machine = createMachine({
      memory: request.memory * mega,
      icount: options.icount ?? false,
      transmit,
      ...(options.disks !== undefined && { disks: options.disks }),
      ...(request.cpu !== undefined && { cpu: request.cpu }),
    });
    if (options.snapshot === undefined) machine.load(bootOf(request));
    else machine.restore(options.snapshot);
    return machine;
  } catch (error) {
    throw translate(error);
  }
}

/** An error of the PC as one of ours; others as they are. */
function translate(error: unknown): unknown {
  if (!(error instanceof PcError)) return error;
  return new MachineError(error.kind === "configuration" ? "usage" : "file", error.message);
}

function saved(machine: Machine): Uint8Array {
  try {
    return machine.save();
  } catch (error) {
    throw translate(error);
  }
}

/** What a snapshot says of its machine: RAM in MB, and whether its time is its instructions. Throws a MachineError of kind `file` for what is none. */
export function snapshotOf(file: Uint8Array): { readonly memory: number; readonly icount: boolean } {
  try {
    const { memory, icount } = describeSnapshot(file);
    return { memory: memory / mega, icount };
  } catch (error) {
    throw translate(error);
  }
}

/** Our own machine, with the settings given. */
export function x86(options: X86Options = {}): X86Runner {
  return {
    name: "x86",
    missing: () => null,
    start: async (request) => begin(request, options),
  };
}

/** What lets the machine run: itself, or gdb; at most up to where it is to stop. */
class Governor {
  readonly #machine: Machine;
  readonly #last: number;
  readonly gdb: GdbServer | undefined;

  constructor(machine: Machine, stopAfter: number | undefined, gdb: GdbServer | undefined) {
    this.#machine = machine;
    this.#last = machine.counters.instructions + (stopAfter ?? Number.POSITIVE_INFINITY);
    this.gdb = gdb;
  }

  /** Nothing more is to be run. */
  get finished(): boolean {
    return this.gdb?.killed === true || this.#machine.counters.instructions >= this.#last;
  }

  run(count: number): MachineStop | undefined {
    const allowed = Math.min(count, this.#last - this.#machine.counters.instructions);
    return this.gdb === undefined ? this.#machine.run(allowed) : this.gdb.run(allowed);
  }
}

async function begin(request: RunRequest, options: X86Options): Promise<X86Running> {
  const outbox = new Outbox();
  const muted = (): boolean => governor.gdb?.repeating ?? false;
  const machine = power(request, options, (port, byte) => void (muted() || outbox.add(port, byte)));
  const icount = options.icount ?? false;
  const control = new AbortController();
  const gdb = options.gdb === undefined ? undefined : await GdbServer.listen(machine, options.gdb, icount, () => running.wake());
  const governor = new Governor(machine, options.stopAfter, gdb);
  const recording = options.trace === true ? trace(machine) : undefined;
  const pause = (): void => {
    outbox.flush(request.onSerial);
    if (governor.finished) control.abort();
  };
  const running = drive(machine, { slice, signal: control.signal, run: (count) => governor.run(count), pause });
  const work = async (): Promise<Exit> => {
    const end = await running.done;
    gdb?.close();
    return end === undefined ? { kind: "stopped" } : exitOf(end, machine);
  };
  return {
    send: (bytes) => (gdb === undefined ? machine.receive(0, bytes) : gdb.receive(bytes)),
    stop: () => control.abort(),
    done: work(),
    save: () => saved(machine),
    trace: () => recording?.finish() ?? "",
    statistics: () => ({
      ...machine.counters,
      time: machine.now,
      memory_hash: machine.memoryHash().toString(16).padStart(8, "0"),
      registers: machine.registers,
    }),
  };
}
