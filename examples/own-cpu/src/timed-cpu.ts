import type { Cpu, CpuBus, CpuDebug, CpuLayer, CpuOptions, CpuRegisters, ProtectedModeEntry, Stop } from "@mercury/x86";
import { type Costs, type Events, surcharge } from "./costs.ts";

/** Accesses that leave the processor: the bus is where they can be seen. */
class Meter {
  portRead = 0;
  portWrite = 0;
  deviceRead = 0;
  deviceWrite = 0;

  /** The same bus, with every access counted, and time that is late by what has been charged. */
  on(bus: CpuBus, late: () => number): CpuBus {
    return {
      readPort: (port, size) => {
        this.portRead++;
        return bus.readPort(port, size);
      },
      writePort: (port, size, value) => {
        this.portWrite++;
        bus.writePort(port, size, value);
      },
      readMemory: (address, size) => {
        this.deviceRead++;
        return bus.readMemory(address, size);
      },
      writeMemory: (address, size, value) => {
        this.deviceWrite++;
        bus.writeMemory(address, size, value);
      },
      acknowledge: () => bus.acknowledge(),
      ...(bus.observe && { observe: bus.observe.bind(bus) }),
      ...(bus.moveLocalApic && { moveLocalApic: bus.moveLocalApic.bind(bus) }),
      ...(bus.floatError && { floatError: bus.floatError.bind(bus) }),
      timeStamp: () => bus.timeStamp() + BigInt(late()),
    };
  }

  save(): Float64Array {
    return Float64Array.of(this.portRead, this.portWrite, this.deviceRead, this.deviceWrite);
  }

  restore(state: Float64Array): void {
    [this.portRead = 0, this.portWrite = 0, this.deviceRead = 0, this.deviceWrite = 0] = state;
  }
}

const meterBytes = new Meter().save().byteLength;

/** Any processor, with a meter between it and the bus. What it executes and when it stops is the inner one's to say. */
export class TimedCpu implements Cpu {
  readonly #inner: Cpu;
  readonly #meter = new Meter();
  /** Debuggers see the inner one: the model changes nothing that they could look at. */
  readonly debug?: CpuDebug;

  constructor(layer: CpuLayer, options: CpuOptions, costs: Costs) {
    const bus = this.#meter.on(options.bus, () => surcharge(this.events, costs));
    this.#inner = layer.create({ ...options, bus });
    if (this.#inner.debug !== undefined) this.debug = this.#inner.debug;
  }

  /** Since power-on. */
  get events(): Events {
    const { exceptions, interrupts } = this.#inner.counts;
    const { portRead, portWrite, deviceRead, deviceWrite } = this.#meter;
    return {
      exception: exceptions.reduce((sum, count) => sum + count, 0),
      interrupt: interrupts,
      portRead,
      portWrite,
      deviceRead,
      deviceWrite,
    };
  }

  get ram(): Uint8Array {
    return this.#inner.ram;
  }
  get retired(): number {
    return this.#inner.retired;
  }
  get registers(): CpuRegisters {
    return this.#inner.registers;
  }
  get counts(): Cpu["counts"] {
    return this.#inner.counts;
  }

  reset(): void {
    this.#inner.reset();
  }
  enterProtectedMode(state: ProtectedModeEntry): void {
    this.#inner.enterProtectedMode(state);
  }
  run(count: number): Stop {
    return this.#inner.run(count);
  }
  leave(): void {
    this.#inner.leave();
  }
  setInterrupt(level: boolean): void {
    this.#inner.setInterrupt(level);
  }
  raiseNmi(): void {
    this.#inner.raiseNmi();
  }

  writePhysical(address: number, bytes: Uint8Array): void {
    this.#inner.writePhysical(address, bytes);
  }

  save(): Uint8Array {
    const inner = this.#inner.save();
    const state = new Uint8Array(meterBytes + inner.length);
    state.set(new Uint8Array(this.#meter.save().buffer));
    state.set(inner, meterBytes);
    return state;
  }
  restore(state: Uint8Array): void {
    this.#inner.restore(state.slice(meterBytes));
    this.#meter.restore(new Float64Array(state.slice(0, meterBytes).buffer));
  }
}
