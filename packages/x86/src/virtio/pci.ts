import type { AccessSize, Device } from "../bus/device.ts";
import type { Dma } from "../bus/dma.ts";
import type { Clock } from "../clock/clock.ts";
import type { Capability } from "../pci/description.ts";
import { PciFunction } from "../pci/function.ts";
import type { Shape } from "../snapshot/shape.ts";
import { VirtioCore } from "./core.ts";
import type { VirtioDevice } from "./device.ts";
import { legacyRegisters, modern, modernRegisters, notifyMultiplier } from "./registers.ts";
import type { TransportState } from "./state.ts";

/** Vendor-specific capability, and the structures that it describes (Virtual I/O Device 1.1, 4.1.4). */
const vendorCapability = 9;
const structure = { common: 1, notify: 2, interruptStatus: 3, configuration: 4, access: 5 } as const;
const legacySize = 64;
const legacyBar = 0;
const modernBar = 4;

const dwordBytes = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);

/** A capability of 16 bytes and what follows; the first two are the list's. */
function capability(kind: number, offset: number, length: number, more: readonly number[] = []): Capability {
  return {
    id: vendorCapability,
    body: [16 + more.length, kind, modernBar, 0, 0, 0, ...dwordBytes(offset), ...dwordBytes(length), ...more],
  };
}

const capabilities: readonly Capability[] = [
  capability(structure.common, modern.common, 0x38),
  capability(structure.interruptStatus, modern.interruptStatus, 1),
  capability(structure.configuration, modern.configuration, 0x1000),
  capability(structure.notify, modern.notify, 0x1000, dwordBytes(notifyMultiplier)),
  capability(structure.access, 0, 0, [0, 0, 0, 0]),
];
/** Within the last capability: bar, offset, length, and the window to what they name (4.1.4.7). */
const access = { bar: 4, offset: 8, length: 12, data: 16 } as const;

/**
 * A virtio device on the PCI bus, transitional: a legacy interface behind base address register 0 and a modern one behind
 * register 4. Its interrupt is INTA.
 */
export class VirtioPci implements Device<TransportState> {
  readonly pci: PciFunction;
  readonly #core: VirtioCore;
  readonly #modern: Pick<Device, "read" | "write">;

  constructor(name: string, device: VirtioDevice, clock: Clock, dma: Dma) {
    const enabled: Dma = {
      read: (address, length) => (this.pci.busMaster ? dma.read(address, length) : undefined),
      write: (address, bytes) => this.pci.busMaster && dma.write(address, bytes),
    };
    this.#core = new VirtioCore(device, clock, enabled, (level) => this.pci.setInterrupt(level));
    this.#modern = modernRegisters(this.#core);
    this.pci = new PciFunction({
      name,
      vendor: 0x1af4,
      // Transitional devices have the numbers from 1000h on (4.1.2.1); the subsystem says the type.
      device: 0x1000 + device.id - 1,
      classCode: device.classCode,
      subsystem: { vendor: 0x1af4, device: device.id },
      pin: 1,
      bars: [
        { index: legacyBar, space: "ports", size: legacySize, device: legacyRegisters(this.#core), width: 4 },
        { index: modernBar, space: "memory", size: modern.size, device: this.#modern, width: 4 },
      ],
      capabilities,
    });
    const offset = this.pci.capability(vendorCapability, capabilities.length - 1) + access.bar;
    const length = access.data + 4 - access.bar;
    this.pci.setWindow({
      offset,
      length,
      read: (at, size) => this.#readAccess(at + access.bar, size),
      write: (at, size, value) => this.#writeAccess(at + access.bar, size, value),
    });
  }

  get shape(): Shape<TransportState> {
    return this.#core.shape;
  }

  read(offset: number, size: AccessSize): number {
    return this.#modern.read(offset, size);
  }

  write(offset: number, size: AccessSize, value: number): void {
    this.#modern.write(offset, size, value);
  }

  reset(): void {
    this.#core.reset();
  }

  save(): TransportState {
    return this.#core.save();
  }

  restore(state: TransportState): void {
    this.#core.restore(state);
  }

  /** What the access window names: the modern interface, as far as it goes. */
  #target(): { readonly offset: number; readonly size: AccessSize } | undefined {
    const [bar = 0, offset = 0, length = 0] = this.#core.state.access;
    const size = ([1, 2, 4] as const).find((candidate) => candidate === length);
    if (size === undefined || bar !== modernBar || offset % size !== 0 || offset + size > modern.size) return undefined;
    return { offset, size };
  }

  #readAccess(at: number, size: AccessSize): number {
    const [bar = 0, offset = 0, length = 0] = this.#core.state.access;
    if (at >= access.data) {
      const target = this.#target();
      return target === undefined ? 0 : this.#modern.read(target.offset, target.size) >>> (8 * (at - access.data));
    }
    const field = at >= access.length ? length : at >= access.offset ? offset : bar;
    return size === 4 ? field : field >>> (8 * (at & 3));
  }

  #writeAccess(at: number, size: AccessSize, value: number): void {
    const { access: fields } = this.#core.state;
    if (at >= access.data) {
      const target = this.#target();
      if (target !== undefined) this.#modern.write(target.offset, target.size, value % 2 ** (8 * target.size));
      return;
    }
    const index = at >= access.length ? 2 : at >= access.offset ? 1 : 0;
    if (index === 0) fields[0] = value & 0xff;
    else if (size === 4) fields[index] = value;
  }
}
