import type { AccessSize, Device } from "../bus/device.ts";
import type { MemoryBus, MemoryRegion } from "../bus/memory.ts";
import type { PortBus, PortRange } from "../bus/ports.ts";
import { dword, type Shape } from "../snapshot/shape.ts";
import type { PciFunction } from "./function.ts";

/** Configuration mechanism 1 (PCI 3.0, 3.2.2.3.2): bit 31 enables; bus, device, function and dword follow. */
const enable = 0x8000_0000;

/** Slot 0 to 31 and function 0 to 7 on bus 0. */
export interface PciPlace {
  readonly slot: number;
  readonly function: number;
}

const indexOf = ({ slot, function: number }: PciPlace): number => slot * 8 + number;

interface Window {
  readonly unmap: () => void;
}

/**
 * PCI bus 0 with its host bridge's two configuration ports: CONFIG_ADDRESS at offset 0, CONFIG_DATA at 4. What base address registers
 * decode is mapped into the two buses; a range that meets somebody else's does not answer there.
 */
export class PciBus implements Device<number> {
  readonly shape: Shape<number> = dword;
  readonly #functions: (PciFunction | undefined)[] = [];
  readonly #ports: PortBus;
  readonly #memory: MemoryBus;
  readonly #route: (place: PciPlace, pin: number, level: boolean) => void;
  #windows: Window[] = [];
  #address = 0;

  /** `route` carries the level of a function's INTx pin (1 to 4). */
  constructor(ports: PortBus, memory: MemoryBus, route: (place: PciPlace, pin: number, level: boolean) => void) {
    this.#ports = ports;
    this.#memory = memory;
    this.#route = route;
  }

  /** Puts a function into a slot. */
  plug(place: PciPlace, inserted: PciFunction): void {
    this.#functions[indexOf(place)] = inserted;
    const { pin } = inserted.description;
    if (pin !== undefined) inserted.pin = (level) => this.#route(place, pin, level);
    inserted.changed = () => this.#decode();
  }

  /** All functions with their places, in order. */
  get functions(): readonly (readonly [PciPlace, PciFunction])[] {
    return this.#functions.flatMap((plugged, index) =>
      plugged === undefined ? [] : [[{ slot: index >> 3, function: index & 7 }, plugged] as const],
    );
  }

  read(offset: number, size: AccessSize): number {
    if (offset < 4) return offset === 0 && size === 4 ? this.#address : 0xffff_ffff;
    const register = this.#register(offset - 4);
    return this.#selected()?.read(register, size) ?? 0xffff_ffff;
  }

  write(offset: number, size: AccessSize, value: number): void {
    if (offset >= 4) this.#selected()?.write(this.#register(offset - 4), size, value);
    // Only a whole dword reaches CONFIG_ADDRESS; smaller accesses are those of other chips.
    else if (offset === 0 && size === 4) this.#address = (value & 0x80ff_fffc) >>> 0;
  }

  reset(): void {
    this.#address = 0;
  }

  save(): number {
    return this.#address;
  }

  restore(address: number): void {
    this.#address = address;
  }

  #register(byte: number): number {
    return (this.#address & 0xfc) + byte;
  }

  #selected(): PciFunction | undefined {
    if (this.#address < enable || ((this.#address >>> 16) & 0xff) !== 0) return undefined;
    return this.#functions[(this.#address >>> 8) & 0xff];
  }

  /** Base addresses have changed: everything that moves is mapped anew, those of lower slots first. */
  #decode(): void {
    for (const window of this.#windows) window.unmap();
    this.#windows = this.functions.flatMap(([, plugged]) => this.#windowsOf(plugged));
  }

  #windowsOf(plugged: PciFunction): Window[] {
    const { name, bars = [] } = plugged.description;
    return bars.flatMap((bar) => {
      const base = plugged.address(bar);
      if (base === undefined) return [];
      const range = { name: `${name} bar${bar.index}`, base, length: bar.size, device: bar.device, width: bar.width };
      return bar.space === "ports" ? this.#mapPorts(range) : this.#mapMemory(range);
    });
  }

  #mapPorts(range: PortRange): Window[] {
    if (range.base + range.length > 0x1_0000 || this.#ports.overlapping(range.base, range.length) !== undefined) return [];
    this.#ports.map(range);
    return [{ unmap: () => this.#ports.unmap(range) }];
  }

  #mapMemory(region: MemoryRegion): Window[] {
    if (this.#memory.overlapping(region.base, region.length) !== undefined) return [];
    this.#memory.map(region);
    return [{ unmap: () => this.#memory.unmap(region) }];
  }
}
