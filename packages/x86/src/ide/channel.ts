import type { AccessSize, Device, Pin } from "../bus/device.ts";
import type { Clock } from "../clock/clock.ts";
import type { Disk } from "../disk/disk.ts";
import { byte, list, optional, record, type Shape } from "../snapshot/shape.ts";
import type { BusMaster } from "./bus-master.ts";
import { Drive, selectsSecond } from "./drive.ts";
import type { DriveState } from "./drive-state.ts";
import { control, register } from "./registers.ts";

export interface ChannelState {
  drives: (DriveState | null)[];
  device: number;
  control: number;
}

/** A disk on the cable, with the serial number that its drive tells. */
export interface ChannelDisk {
  readonly disk: Disk;
  readonly serial: string;
}

/** What a bus without drives reads as: DD7 is pulled down, so that nobody takes it for busy (ATA/ATAPI-6, 4.2.1). */
const floating = 0x7f;

/**
 * An IDE channel with up to two drives. Offsets 0 to 7 are the command block; 8 is the control block's register.
 */
export class IdeChannel implements Device<ChannelState> {
  readonly shape: Shape<ChannelState> = record({
    drives: list(optional(Drive.shape), { exactly: 2 }),
    device: byte,
    control: byte,
  });
  readonly #drives: readonly (Drive | undefined)[];
  readonly #interrupt: Pin;
  readonly #busMaster: BusMaster;
  #device = 0;
  #control = 0;

  constructor(disks: readonly (ChannelDisk | undefined)[], clock: Clock, busMaster: BusMaster, interrupt: Pin) {
    this.#interrupt = interrupt;
    this.#busMaster = busMaster;
    this.#drives = [0, 1].map((index) => {
      const disk = disks[index];
      return disk === undefined ? undefined : new Drive({ ...disk, clock, busMaster, interrupt: (level) => this.#request(index, level) });
    });
    busMaster.changed = (started) => this.#selected?.busMasterChanged(started);
  }

  read(offset: number, size: AccessSize): number {
    // All registers but data are bytes.
    if (size > 1 && offset !== register.data) return bytewise(size, (index) => this.read(offset + index, 1));
    if (this.#drives.every((drive) => drive === undefined)) return floating * 0x0101_0101;
    const drive = this.#selected;
    // Device 0 answers for an absent device 1, with zeros (ATA/ATAPI-6, 9.16.1).
    if (drive === undefined) return 0;
    if (offset === register.data) return size === 4 ? drive.readData() + drive.readData() * 0x1_0000 : drive.readData();
    if (offset === register.status || offset === register.control) return drive.readStatus(offset === register.status);
    return drive.readRegister(offset, (this.#control & control.highOrder) !== 0);
  }

  write(offset: number, size: AccessSize, value: number): void {
    if (size > 1 && offset !== register.data) {
      for (let index = 0; index < size; index++) this.write(offset + index, 1, (value >>> (8 * index)) & 0xff);
      return;
    }
    if (offset === register.control) {
      this.#writeControl(value);
      return;
    }
    // Every write to the command block turns the reading of previous values off (7.8.2).
    this.#control &= ~control.highOrder;
    if (offset === register.data) {
      this.#selected?.writeData(value & 0xffff);
      if (size === 4) this.#selected?.writeData(value >>> 16);
    } else if (offset === register.status) this.#execute(value);
    else {
      if (offset === register.device) this.#device = value;
      for (const drive of this.#drives) drive?.writeRegister(offset, value);
      this.#drive();
    }
  }

  reset(): void {
    this.#device = 0;
    this.#control = 0;
    for (const drive of this.#drives) drive?.reset(true);
  }

  save(): ChannelState {
    return { drives: this.#drives.map((drive) => drive?.save() ?? null), device: this.#device, control: this.#control };
  }

  restore(state: ChannelState): void {
    this.#device = state.device;
    this.#control = state.control;
    for (const [index, drive] of this.#drives.entries()) {
      const saved = state.drives[index];
      if (saved) drive?.restore(saved);
    }
    this.#drive();
  }

  get #selected(): Drive | undefined {
    return this.#drives[selectsSecond(this.#device) ? 1 : 0];
  }

  #execute(code: number): void {
    // EXECUTE DEVICE DIAGNOSTIC is for both drives, whichever is selected (8.10).
    if (code !== 0x90) return this.#selected?.execute(code);
    this.#device = 0;
    this.#drives[1]?.reset(false);
    this.#drives[0]?.execute(code);
  }

  #writeControl(value: number): void {
    const before = this.#control;
    this.#control = value;
    if ((value & ~before & control.softReset) !== 0) {
      this.#device = 0;
      for (const drive of this.#drives) drive?.reset(false);
    }
    this.#drive();
  }

  #request(index: number, level: boolean): void {
    if (index === (selectsSecond(this.#device) ? 1 : 0)) this.#drive();
    // The bus master remembers the edge for whoever looks later.
    if (level) this.#busMaster.notice();
  }

  /** INTRQ is the selected drive's, unless nIEN cuts it off. */
  #drive(): void {
    this.#interrupt((this.#control & control.noInterrupt) === 0 && (this.#selected?.interrupting ?? false));
  }
}

/** A value of `size` bytes from its bytes. */
function bytewise(size: AccessSize, byteAt: (index: number) => number): number {
  let value = 0;
  for (let index = 0; index < size; index++) value += byteAt(index) * 2 ** (8 * index);
  return value;
}
