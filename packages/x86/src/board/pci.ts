import type { Dma } from "../bus/dma.ts";
import type { Device, Pin } from "../bus/device.ts";
import type { MemoryBus } from "../bus/memory.ts";
import type { PortBus } from "../bus/ports.ts";
import { controlBlock, IdeController } from "../ide/controller.ts";
import { VirtioBlock } from "../virtio/block.ts";
import { VirtioPci } from "../virtio/pci.ts";
import type { AttachedDisk } from "../disk/attached.ts";
import { disksOf } from "./disks.ts";
import type { Clock } from "../clock/clock.ts";
import { PciBus } from "../pci/bus.ts";
import { hostBridge, isaBridge, powerManagement, routingRegister } from "../pci/chipset.ts";
import { PciFunction } from "../pci/function.ts";
import { PciInterrupts } from "../pci/interrupts.ts";
import { setUpPci } from "../pci/setup.ts";

/** Ports of the power management block, as QEMU's firmware gives them. */
export const powerPorts = 0x600;

/** What the PCI side of a board is connected to. */
export interface PciConnections {
  readonly ports: PortBus;
  readonly memory: MemoryBus;
  readonly clock: Clock;
  readonly dma: Dma;
  readonly disks: readonly AttachedDisk[];
  /** Interrupt requests of the two IDE channels. */
  readonly ideInterrupts: readonly [Pin, Pin];
  /** Drives one of the 16 interrupt lines on behalf of one of the four PCI wires. */
  readonly line: (line: number, wire: number, level: boolean) => void;
  /** The four wires, as pins of an interrupt controller that has inputs for them. */
  readonly wires: readonly Pin[];
}

/** Functions of the chipset; slot 2 is left for a display. */
const place = {
  hostBridge: { slot: 0, function: 0 },
  isaBridge: { slot: 1, function: 0 },
  ide: { slot: 1, function: 1 },
  power: { slot: 1, function: 3 },
} as const;

const firstCardSlot = 3;

/** PCI bus 0 and what is plugged into it. */
export class PciBoard {
  readonly bus: PciBus;
  /** By name, in the order in which they are reset and restored. */
  readonly devices: ReadonlyMap<string, Device>;

  constructor(connections: PciConnections) {
    const bridge = new RoutingFunction(() => interrupts.reroute());
    const interrupts = new PciInterrupts((wire) => bridge.read(routingRegister + wire, 1), connections.line, connections.wires);
    this.bus = new PciBus(connections.ports, connections.memory, (at, pin, level) => interrupts.setPin(at, pin, level));
    this.bus.plug(place.hostBridge, new PciFunction(hostBridge));
    this.bus.plug(place.isaBridge, bridge);
    const ide = new IdeController({
      clock: connections.clock,
      dma: connections.dma,
      interrupts: connections.ideInterrupts,
      disks: disksOf(connections.disks, "ata"),
    });
    this.#mapIde(connections.ports, ide);
    this.bus.plug(place.ide, ide.pci);
    const virtio = disksOf(connections.disks, "virtio").map(
      ({ disk, serial }, index) => new VirtioPci(`virtio-blk${index}`, new VirtioBlock(disk, serial), connections.clock, connections.dma),
    );
    for (const [index, card] of virtio.entries()) this.bus.plug({ slot: firstCardSlot + index, function: 0 }, card.pci);
    this.bus.plug(place.power, new PciFunction(powerManagement));
    this.devices = new Map<string, Device>([
      ["pci", this.bus],
      ["ide1", ide.channels[0]],
      ["ide2", ide.channels[1]],
      ["bus master 1", ide.busMasters[0]],
      ["bus master 2", ide.busMasters[1]],
      ...virtio.map((card, index) => [`virtio-blk${index}`, card] as const),
      ...this.bus.functions.map(([, plugged]) => [`pci ${plugged.description.name}`, plugged] as const),
    ]);
  }

  #mapIde(ports: PortBus, { channels: [first, second] }: IdeController): void {
    ports.map({ name: "ide1", base: 0x1f0, length: 8, device: first, width: 4 });
    ports.map({ name: "ide1 control", base: 0x3f6, length: 1, device: controlBlock(first), width: 1 });
    ports.map({ name: "ide2", base: 0x170, length: 8, device: second, width: 4 });
    ports.map({ name: "ide2 control", base: 0x376, length: 1, device: controlBlock(second), width: 1 });
  }

  /** What firmware does to the bus at power-on, after every device's reset. */
  setUp(): void {
    setUpPci(this.bus, powerPorts);
  }
}

/** The ISA bridge, which tells when its routing registers may have changed. */
class RoutingFunction extends PciFunction {
  readonly #rerouted: () => void;

  constructor(rerouted: () => void) {
    super(isaBridge);
    this.#rerouted = rerouted;
  }

  override write(offset: number, size: 1 | 2 | 4, value: number): void {
    super.write(offset, size, value);
    this.#rerouted();
  }

  override restore(state: ReturnType<PciFunction["save"]>): void {
    super.restore(state);
    this.#rerouted();
  }
}
