import type { AccessSize, Device, Pin } from "../bus/device.ts";
import type { Dma } from "../bus/dma.ts";
import type { Clock } from "../clock/clock.ts";
import { ideController } from "../pci/chipset.ts";
import { PciFunction } from "../pci/function.ts";
import { BusMaster } from "./bus-master.ts";
import { type ChannelDisk, IdeChannel } from "./channel.ts";

/** Ports of a bus master's two halves. */
const channelPorts = 8;

export interface IdeConnections {
  readonly clock: Clock;
  readonly dma: Dma;
  /** Interrupt requests of the two channels. */
  readonly interrupts: readonly [Pin, Pin];
  /** First channel's two drives, then the second's. */
  readonly disks: readonly (ChannelDisk | undefined)[];
}

/** The IDE controller of a PIIX3: two channels at the legacy ports, and their bus masters behind a base address register. */
export class IdeController {
  readonly pci: PciFunction;
  readonly busMasters: readonly [BusMaster, BusMaster];
  readonly channels: readonly [IdeChannel, IdeChannel];

  constructor({ clock, dma, interrupts, disks }: IdeConnections) {
    const busMaster = (): BusMaster => new BusMaster(dma, () => this.pci.busMaster);
    this.busMasters = [busMaster(), busMaster()];
    this.channels = [
      new IdeChannel(disks.slice(0, 2), clock, this.busMasters[0], interrupts[0]),
      new IdeChannel(disks.slice(2, 4), clock, this.busMasters[1], interrupts[1]),
    ];
    const half = (offset: number): BusMaster => this.busMasters[offset < channelPorts ? 0 : 1];
    const device: Pick<Device, "read" | "write"> = {
      read: (offset, size) => half(offset).read(offset % channelPorts, size),
      write: (offset, size, value) => half(offset).write(offset % channelPorts, size, value),
    };
    this.pci = new PciFunction(ideController({ index: 4, space: "ports", size: 2 * channelPorts, device, width: 4 }));
  }
}

/** The control block's one register as a device of its own. */
export function controlBlock(channel: IdeChannel): Pick<Device, "read" | "write"> {
  const controlRegister = 8;
  return {
    read: (_: number, size: AccessSize) => channel.read(controlRegister, size),
    write: (_: number, size: AccessSize, value: number) => channel.write(controlRegister, size, value),
  };
}
