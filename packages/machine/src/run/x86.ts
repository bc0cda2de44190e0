import {
  type CpuRegisters,
  createMachine,
  kernelFormat,
  type LinuxBoot,
  type Machine,
  MachineError as PcError,
  type MachineStop,
  type Multiboot,
} from "@mercury/x86";
import { MachineError } from "../errors.ts";
import type { Exit, Runner, Running, RunRequest, SerialPort } from "./runner.ts";

/** Settings that only our own machine has. */
export interface X86Options {
  /** Time from retired instructions only: two runs with the same input are bit-identical. */
  readonly icount?: boolean;
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
}

export interface X86Runner extends Runner {
  readonly start: (request: RunRequest) => Promise<X86Running>;
}

/** Instructions between two looks at this process's events: some 10 ms of the interpreter. */
const slice = 400_000;
/** The longest time that a Node timer takes; an idle machine without alarms waits for input alone. */
const longest = 2 ** 31 - 1;
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

/** Waits as long as an idle machine may, or until `wake` is called. */
class Doze {
  #wake: (() => void) | undefined;

  /** Nanoseconds. */
  async wait(time: number): Promise<void> {
    const milliseconds = Math.min(Math.floor(time / 1e6), longest);
    await new Promise<void>((resolve) => {
      const timer = milliseconds > 0 ? setTimeout(resolve, milliseconds) : undefined;
      const soon = timer === undefined ? setImmediate(resolve) : undefined;
      this.#wake = () => {
        clearTimeout(timer);
        clearImmediate(soon);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  wake(): void {
    this.#wake?.();
  }
}

function exitOf(stop: Exclude<MachineStop, { reason: "count" | "idle" | "breakpoint" }>, machine: Machine): Exit {
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

function power(request: RunRequest, options: X86Options, outbox: Outbox): Machine {
  try {
    const machine = createMachine({
      memory: request.memory * mega,
      icount: options.icount ?? false,
      transmit: (port, byte) => outbox.add(port, byte),
      ...(request.cpu !== undefined && { cpu: request.cpu }),
    });
    machine.load(bootOf(request));
    return machine;
  } catch (error) {
    if (!(error instanceof PcError)) throw error;
    throw new MachineError(error.kind === "configuration" ? "usage" : "file", error.message);
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

function begin(request: RunRequest, options: X86Options): X86Running {
  const outbox = new Outbox();
  const machine = power(request, options, outbox);
  const doze = new Doze();
  let stopped = false;
  const work = async (): Promise<Exit> => {
    // The caller's first input comes before the guest's first instruction.
    await doze.wait(0);
    while (!stopped) {
      const stop = machine.run(slice);
      outbox.flush(request.onSerial);
      if (stop.reason !== "count" && stop.reason !== "idle" && stop.reason !== "breakpoint") return exitOf(stop, machine);
      await doze.wait(stop.reason === "idle" ? stop.wait : 0);
    }
    return { kind: "stopped" };
  };
  return {
    send: (bytes) => {
      machine.receive(0, bytes);
      doze.wake();
    },
    stop: () => {
      stopped = true;
      doze.wake();
    },
    done: work(),
    statistics: () => ({
      ...machine.counters,
      time: machine.now,
      memory_hash: machine.memoryHash().toString(16).padStart(8, "0"),
      registers: machine.registers,
    }),
  };
}
