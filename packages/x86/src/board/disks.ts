import type { AttachedDisk } from "../disk/attached.ts";
import type { Disk } from "../disk/disk.ts";
import { MachineError } from "../errors.ts";
import type { ChannelDisk } from "../ide/channel.ts";

/** How a disk is connected. */
export type DiskBus = "ata" | "virtio";

/** A disk of a machine, which neither opens nor closes it. */
export interface DiskOptions {
  readonly disk: Disk;
  /** Default: `ata`, which every system has a driver for; up to four fit. `virtio` is faster. */
  readonly bus?: DiskBus;
}

/** The drives that two IDE channels take. */
const mostDrives = 4;
/** Slots of the PCI bus from 3 on. */
const mostVirtio = 28;

/** The disks of a bus with their serial numbers, which count all disks in the order given. */
export function disksOf(disks: readonly AttachedDisk[], wanted: DiskBus): readonly ChannelDisk[] {
  const chosen = disks.flatMap((disk, index) => (disk.bus === wanted ? [{ disk, serial: `MERCURY${index + 1}` }] : []));
  const most = wanted === "ata" ? mostDrives : mostVirtio;
  if (chosen.length > most) throw new MachineError("configuration", `${chosen.length} disks on bus ${wanted}: it takes at most ${most}`);
  return chosen;
}
