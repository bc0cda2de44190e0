import type { Pin } from "../bus/device.ts";
import type { Alarm, Clock } from "../clock/clock.ts";
import { type Disk, sectorSize } from "../disk/disk.ts";
import type { Shape } from "../snapshot/shape.ts";
import type { BusMaster } from "./bus-master.ts";
import { type Command, commands } from "./commands.ts";
import { type DriveState, driveShape, powerOn } from "./drive-state.ts";
import { mostShort } from "./geometry.ts";
import { identify, mostMultiple } from "./identify.ts";
import { device, error, register, status } from "./registers.ts";
import { setFeature } from "./features.ts";
import { addressOf, countOf, putAddress } from "./task-file.ts";

/** Time from a command to its data or end: fixed, so that runs under virtual time agree. */
const accessTime = 40_000;
/** 200 MB a second. */
const nanosecondsPerByte = 5;
const idle = status.ready | status.seekComplete;

/** What a drive is connected to. */
export interface DriveConnections {
  readonly disk: Disk;
  readonly serial: string;
  readonly clock: Clock;
  readonly busMaster: BusMaster;
  /** INTRQ. */
  readonly interrupt: Pin;
}

/** An ATA drive: its task file, its commands, and the data under way. */
export class Drive {
  static readonly shape: Shape<DriveState> = driveShape;
  #state: DriveState = powerOn();
  readonly #to: DriveConnections;
  #alarm: Alarm | undefined;

  constructor(connections: DriveConnections) {
    this.#to = connections;
  }

  /** Power-on, SRST or EXECUTE DEVICE DIAGNOSTIC: settings stay over the latter two (9.2). */
  reset(hard: boolean): void {
    this.#cancel();
    const { multiple, transferMode, writeCache } = this.#state;
    this.#state = hard ? powerOn() : { ...powerOn(), multiple, transferMode, writeCache };
    this.#to.interrupt(false);
  }

  save(): DriveState {
    return { ...this.#state, buffer: this.#state.buffer.slice() };
  }

  restore(state: DriveState): void {
    this.#cancel();
    this.#state = { ...state, buffer: state.buffer.slice() };
    if (state.due >= 0) this.#wait(state.due);
  }

  /** The status register; reading it at its own place ends the interrupt request (7.15.4). */
  readStatus(acknowledge: boolean): number {
    if (acknowledge) this.#interrupt(false);
    return this.#state.status;
  }

  get interrupting(): boolean {
    return this.#state.interrupt;
  }

  /** A register of the command block but data and status. `previous`: HOB is set. */
  readRegister(offset: number, previous: boolean): number {
    const state = this.#state;
    if (offset === register.device) return state.device;
    if (offset === register.feature) return state.error;
    const value = state.taskFile[offset - 1] ?? 0;
    return previous ? value >> 8 : value & 0xff;
  }

  /** Each register remembers the value before the last one, for 48-bit commands (6.20). */
  writeRegister(offset: number, value: number): void {
    const state = this.#state;
    if ((state.status & (status.busy | status.dataRequest)) !== 0) return;
    if (offset === register.device) state.device = value;
    else state.taskFile[offset - 1] = (((state.taskFile[offset - 1] ?? 0) << 8) | value) & 0xffff;
  }

  readData(): number {
    const state = this.#state;
    if (state.phase !== "in") return 0;
    const value = (state.buffer[state.position] ?? 0) | ((state.buffer[state.position + 1] ?? 0) << 8);
    state.position += 2;
    if (state.position >= state.buffer.length) this.#blockRead();
    return value;
  }

  writeData(value: number): void {
    const state = this.#state;
    if (state.phase !== "out") return;
    state.buffer[state.position] = value & 0xff;
    state.buffer[state.position + 1] = value >> 8;
    state.position += 2;
    if (state.position >= state.buffer.length) this.#busy(state.buffer.length);
  }

  /** Takes a command, unless one is under way. */
  execute(code: number): void {
    const state = this.#state;
    if ((state.status & (status.busy | status.dataRequest)) !== 0) return;
    this.#interrupt(false);
    state.command = code;
    state.error = 0;
    const command = commands.get(code);
    const refused = command === undefined || !this.#prepare(command);
    if (refused) state.phase = "refused";
    else if (command.protocol === "out") {
      this.#requestBlock();
      return;
    } else state.phase = "command";
    this.#busy(0);
  }

  /** The bus master was started or stopped. */
  busMasterChanged(started: boolean): void {
    if (this.#state.phase !== "dma") return;
    if (started) this.#busy(this.#state.remaining * sectorSize);
    else this.#cancel();
  }

  #prepare(command: Command): boolean {
    const state = this.#state;
    if (command.multiple && state.multiple === 0) return false;
    if (command.action === "write" && this.#to.disk.readOnly) return false;
    state.sector = addressOf(state, command);
    state.remaining = countOf(state, command);
    state.blockSectors = command.multiple ? state.multiple : 1;
    return true;
  }

  #interrupt(level: boolean): void {
    this.#state.interrupt = level;
    this.#to.interrupt(level);
  }

  #cancel(): void {
    if (this.#alarm !== undefined) this.#to.clock.cancel(this.#alarm);
    this.#alarm = undefined;
    this.#state.due = -1;
  }

  #busy(bytes: number): void {
    this.#state.status = status.busy | status.ready | status.seekComplete;
    this.#wait(this.#to.clock.now() + accessTime + bytes * nanosecondsPerByte);
  }

  #wait(due: number): void {
    this.#cancel();
    this.#state.due = due;
    this.#alarm = this.#to.clock.schedule(due, () => {
      this.#alarm = undefined;
      this.#state.due = -1;
      this.#proceed();
    });
  }

  /** The time of what is under way has come. */
  #proceed(): void {
    const { phase, command: code } = this.#state;
    const command = commands.get(code);
    if (phase === "refused" || command === undefined) this.#end(error.aborted);
    else if (phase === "dma") this.#transfer(command);
    else if (phase === "out") this.#blockWritten();
    else if (command.protocol === "dma-in" || command.protocol === "dma-out") this.#awaitBusMaster();
    else if (command.action === "read") this.#readBlock();
    else this.#perform(command);
  }

  /** Ends the command, with an interrupt. */
  #end(errors = 0): void {
    const state = this.#state;
    state.phase = "idle";
    state.error = errors;
    state.status = errors === 0 ? idle : idle | status.error;
    // The address of the first sector that could not be done (8.27.6).
    if (errors !== 0 && errors !== error.aborted) putAddress(state, commands.get(state.command), state.sector);
    this.#interrupt(true);
  }

  /** Does something with the disk; the error bits when that cannot be. */
  #onDisk(sectors: number, action: (disk: Disk) => void): number {
    const { disk } = this.#to;
    if (this.#state.sector + sectors > disk.sectors) return error.notFound;
    try {
      action(disk);
      return 0;
    } catch {
      return error.uncorrectable;
    }
  }

  #flush(): number {
    return this.#onDisk(0, (disk) => disk.flush());
  }

  #perform({ action, extended }: Command): void {
    const state = this.#state;
    switch (action) {
      case "identify":
        this.#offer(new Uint8Array(identify({ ...state, sectors: this.#to.disk.sectors, serial: this.#to.serial }).buffer));
        return;
      case "flush":
        state.sector = 0;
        return this.#end(this.#flush());
      case "verify":
        return this.#end(this.#onDisk(state.remaining, () => {}));
      case "setMultiple":
        return this.#setMultiple((state.taskFile[register.count - 1] ?? 0) & 0xff);
      case "setFeatures":
        return this.#end(setFeature(state) ? 0 : error.aborted);
      case "diagnose":
        this.reset(false);
        return this.#end();
      case "checkPower":
        // FFh: active or idle.
        state.taskFile[register.count - 1] = 0xff;
        return this.#end();
      case "nativeMaximum":
        putAddress(
          state,
          commands.get(state.command),
          extended ? this.#to.disk.sectors - 1 : Math.min(this.#to.disk.sectors, mostShort) - 1,
        );
        return this.#end();
      case "read":
      case "write":
      case "nothing":
        return this.#end();
    }
  }

  #setMultiple(sectors: number): void {
    const fits = sectors <= mostMultiple && (sectors & (sectors - 1)) === 0;
    if (fits) this.#state.multiple = sectors;
    this.#end(fits ? 0 : error.aborted);
  }

  /** Data for the guest to read. */
  #offer(data: Uint8Array): void {
    const state = this.#state;
    state.buffer = data;
    state.position = 0;
    state.phase = "in";
    state.status = idle | status.dataRequest;
    this.#interrupt(true);
  }

  #readBlock(): void {
    const state = this.#state;
    const count = Math.min(state.blockSectors, state.remaining);
    const data = new Uint8Array(count * sectorSize);
    const errors = this.#onDisk(count, (disk) => disk.read(state.sector, data));
    if (errors !== 0) return this.#end(errors);
    state.sector += count;
    state.remaining -= count;
    this.#offer(data);
  }

  /** The guest has taken a block. */
  #blockRead(): void {
    const state = this.#state;
    const more = commands.get(state.command)?.action === "read" && state.remaining > 0;
    state.buffer = new Uint8Array(0);
    if (more) {
      state.phase = "command";
      this.#busy(0);
      return;
    }
    state.phase = "idle";
    state.status = idle;
  }

  /** Asks the guest for a block to write. */
  #requestBlock(): void {
    const state = this.#state;
    state.buffer = new Uint8Array(Math.min(state.blockSectors, state.remaining) * sectorSize);
    state.position = 0;
    state.phase = "out";
    state.status = idle | status.dataRequest;
  }

  #write(data: Uint8Array): number {
    const state = this.#state;
    const count = data.length / sectorSize;
    const errors = this.#onDisk(count, (disk) => disk.write(state.sector, data));
    if (errors !== 0) return errors;
    state.sector += count;
    state.remaining -= count;
    return state.writeCache ? 0 : this.#flush();
  }

  #blockWritten(): void {
    const state = this.#state;
    const errors = this.#write(state.buffer);
    state.buffer = new Uint8Array(0);
    if (errors !== 0 || state.remaining === 0) return this.#end(errors);
    this.#requestBlock();
    this.#interrupt(true);
  }

  #awaitBusMaster(): void {
    const state = this.#state;
    state.phase = "dma";
    state.status = idle | status.dataRequest;
    if (this.#to.busMaster.active) this.#busy(state.remaining * sectorSize);
  }

  #transfer({ protocol }: Command): void {
    const state = this.#state;
    const { busMaster } = this.#to;
    const inward = protocol === "dma-in";
    // A bus master set to the other direction never takes the data: the drive waits until it is reset.
    if (busMaster.toMemory !== inward) return;
    const data = new Uint8Array(state.remaining * sectorSize);
    if (inward) {
      const errors = this.#onDisk(state.remaining, (disk) => disk.read(state.sector, data));
      if (errors !== 0) return this.#end(errors);
    }
    const end = inward ? busMaster.store(data) : busMaster.fetch(data);
    if (end === "short") return;
    if (end === "error") return this.#end(error.aborted);
    this.#end(inward ? 0 : this.#write(data));
  }
}

/** The device register's bit that says whose turn it is. */
export const selectsSecond = (value: number): boolean => (value & device.select) !== 0;
