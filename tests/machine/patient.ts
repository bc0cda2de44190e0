import { directorySlots, layoutOf, memoryMap, pageBits, structures, switchTargets, vectors } from "@mercury/abi";
import { buildImage, defineMachine, kernelCommandLine, type MachineDefinition } from "@mercury/machine";
import {
  type Cpu,
  type CpuBus,
  type CpuLayer,
  type CpuRegisters,
  createMachine,
  interpreter,
  type Machine,
  type MachineStop,
} from "@mercury/x86";
import { symbolsOf } from "./symbols.ts";

const mega = 0x10_0000;
/** kernelRecord.magic: 'MCRK' */
const recordMagic = 0x4b52_434d;
/** Directory slot of the programs' image. */
const programSlot = memoryMap.userImageBase >>> 22;

/** Byte offset of a structure's field. */
export const offset = (structure: keyof typeof structures, field: string): number =>
  layoutOf(structure, structures[structure]).get(field) ?? Number.NaN;

/** What a probe reaches behind a processor. */
interface Pins {
  readonly cpu: Cpu;
  readonly bus: CpuBus;
  /** Lets the time stamp counter stand still, or go on. */
  readonly holdTime: (held: boolean) => void;
}

/** A processor layer that lets its maker at the processor and at the bus behind it, as a debugger's probe would. */
function probed(): CpuLayer & { readonly pins: () => Pins } {
  let pins: Pins | undefined;
  return {
    ...interpreter,
    create: (options) => {
      let held: bigint | undefined;
      const bus: CpuBus = { ...options.bus, timeStamp: () => held ?? options.bus.timeStamp() };
      const cpu = interpreter.create({ ...options, bus });
      pins = { cpu, bus, holdTime: (hold) => void (held = hold ? options.bus.timeStamp() : undefined) };
      return cpu;
    },
    pins: () => pins ?? Patient.fail("the machine has made no processor"),
  };
}

/** A system at its prompt on our CPU, instructions as time, with everything of it within reach from outside. */
export class Patient {
  readonly machine: Machine;
  readonly ram: DataView;
  readonly cpu: Cpu;
  readonly bus: CpuBus;
  /** Lets the time stamp counter stand still, or go on. */
  readonly holdTime: (held: boolean) => void;
  /** Linear addresses of the kernel's variables and functions, by symbol. */
  readonly symbols: ReadonlyMap<string, number>;
  private output = "";
  private foundRecord: number | undefined;

  private constructor(definition: MachineDefinition, image: Uint8Array) {
    const parts = defineMachine({ memory: 64, ...definition });
    const transmit = (port: number, byte: number): void => {
      if (port === 0) this.output += String.fromCharCode(byte);
    };
    const layer = probed();
    this.machine = createMachine({ memory: parts.memory * mega, icount: true, transmit, cpu: layer });
    this.machine.load({ image, commandLine: kernelCommandLine(parts) });
    this.ram = new DataView(this.machine.ram.buffer, this.machine.ram.byteOffset, this.machine.ram.length);
    ({ cpu: this.cpu, bus: this.bus, holdTime: this.holdTime } = layer.pins());
    this.symbols = symbolsOf(image);
    this.untilPrompt();
  }

  /** A system of 64 MB unless the definition says otherwise, at its first prompt. */
  static async boot(definition: MachineDefinition = {}): Promise<Patient> {
    return new Patient(definition, await buildImage(defineMachine(definition)));
  }

  static fail(why: string): never {
    throw new Error(why);
  }

  /** What a line prints, with its echo and the prompt after it. */
  type(line: string): string {
    this.begin(line);
    return this.untilPrompt();
  }

  /** Types a line and returns at once. */
  begin(line: string): void {
    this.output = "";
    this.machine.receive(0, new TextEncoder().encode(`${line}\n`));
  }

  /** Runs to the next prompt; what was printed since `begin`. Throws when the machine ends, with the code that it ended with. */
  untilPrompt(): string {
    for (let slices = 0; slices < 4000; slices++) {
      const stop = this.machine.run(500_000);
      if (this.output.endsWith("# ")) return this.said;
      if (stop.reason !== "count") Patient.fail(`the machine ended (${ending(stop)}) after: ${this.output}`);
    }
    return Patient.fail(`no prompt after: ${this.output}`);
  }

  /** Runs until the next instruction is one of those at these linear addresses, and not the present one; its address. Throws when the machine ends. */
  runTo(addresses: Iterable<number>, limit = 20_000_000): number {
    const debug = this.cpu.debug ?? Patient.fail("the processor has no breakpoints");
    debug.setBreakpoints(addresses);
    debug.pass();
    const stop = this.machine.run(limit);
    debug.setBreakpoints([]);
    if (stop.reason === "breakpoint") return this.registers.eip;
    return Patient.fail(`${stop.reason === "count" ? "never there" : `the machine ended (${ending(stop)})`} after: ${this.output}`);
  }

  /** Goes back to what `machine.save` gave. */
  restore(snapshot: Uint8Array): void {
    this.machine.restore(snapshot);
    this.output = "";
  }

  /** What was printed since `begin` or `restore`. */
  get said(): string {
    return this.output.replaceAll("\r", "");
  }

  get registers(): CpuRegisters {
    return this.machine.registers;
  }

  /** One instruction. */
  step(): void {
    this.machine.run(1);
  }

  /** Steps until a condition holds between two instructions. */
  stepUntil(holds: () => boolean, limit = 3_000_000): void {
    for (let steps = 0; steps < limit; steps++) {
      if (holds()) return;
      this.step();
    }
    Patient.fail(`after ${limit} instructions still not; the console said: ${this.output}`);
  }

  /** Whether the next instruction is the kernel's request of a switch: INT 83h with a mode in EAX. */
  atRequest(): boolean {
    const { eip, eax, cpl } = this.registers;
    if (cpl === 3 || eip < memoryMap.directMapBase || eip >= memoryMap.vmmBase) return false;
    return this.ram.getUint16(this.physical(eip), true) === (0xcd | (vectors.modeSwitch << 8)) && eax !== switchTargets.audit;
  }

  word(physical: number): number {
    return this.ram.getUint32(physical, true);
  }

  set(physical: number, value: number): void {
    this.ram.setUint32(physical, value, true);
  }

  /** A variable of the kernel, by its module's path under `@mercury/guest-os/metal/kernel/` and its name. */
  variable(name: string): number {
    const address =
      this.symbols.get(`global ~lib/@mercury/guest-os/metal/kernel/${name}`) ?? Patient.fail(`the kernel has no variable ${name}`);
    return this.word(this.physical(address));
  }

  /** A word of the page that kernel and VMM share. */
  shared(field: string, value?: number): number {
    const at = this.physical(memoryMap.sharedPage) + offset("sharedPage", field);
    if (value !== undefined) this.set(at, value);
    return this.word(at);
  }

  /** A field of the kernel's record. */
  record(field: string): number {
    return this.word(this.recordField(field));
  }

  /** Physical address of a field of the kernel's record. */
  recordField(field: string): number {
    return this.recordAt + offset("kernelRecord", field);
  }

  /** Linear base of a segment of the descriptor table that is loaded (SDM 3A 3.4.5, figure 3-8). */
  segmentBase(slot: number): number {
    const descriptor = this.physical(this.registers.gdtBase) + 8 * slot;
    const [low, high] = [this.word(descriptor), this.word(descriptor + 4)];
    return ((low >>> 16) | ((high & 0xff) << 16) | (high & 0xff00_0000)) >>> 0;
  }

  /** Where the kernel's record is: in the kernel's data, with its magic and version at its start. */
  private get recordAt(): number {
    return (this.foundRecord ??= this.findRecord());
  }

  private findRecord(): number {
    for (let at = mega; at < 4 * mega; at += 4)
      if (this.word(at) === recordMagic && this.word(at + 4) === 1 && this.word(at + offset("kernelRecord", "zoneFrames")) > 0) return at;
    return Patient.fail("the kernel's record is not in memory");
  }

  /** Physical address of a linear one of the direct map or the VMM. */
  physical(linear: number): number {
    return linear >= memoryMap.vmmBase ? linear - memoryMap.vmmBase + this.record("vmmReserve") : linear - memoryMap.directMapBase;
  }

  /** The directory of a process that has run in the present mode: its program's slot is present, and in virtual mode the window has been taken out. */
  directory(): number {
    const zone = this.record("zoneFrames");
    const mark = pageBits.present | pageBits.writable | pageBits.large | pageBits.global;
    for (let frame = 0; frame < zone; frame++) {
      const at = memoryMap.zoneBase + frame * memoryMap.pageSize;
      const first = this.word(at + 4 * directorySlots.directMap) & ~0x60;
      const taken = this.shared("mode") === 1;
      if (taken && this.word(at + 4 * directorySlots.tableWindow) !== 0) continue;
      if (first === mark && (this.word(at + 4 * programSlot) & pageBits.present) !== 0) return at;
    }
    return Patient.fail("no directory has a program in it");
  }

  /** The leaf table of that program. */
  leaf(): number {
    return this.word(this.directory() + 4 * programSlot) & ~0xfff;
  }
}

function ending(stop: MachineStop): string {
  return stop.reason === "exit" ? `exit code ${stop.code}` : stop.reason;
}
