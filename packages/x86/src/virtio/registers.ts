import type { AccessSize, Device } from "../bus/device.ts";
import type { VirtioCore } from "./core.ts";
import { largestQueue, type QueueState } from "./queue.ts";

type Registers = Pick<Device, "read" | "write">;

/** A part of a little-endian value: `size` bytes from byte `offset` on. */
const part = (value: number, offset: number, size: AccessSize): number => Math.floor(value / 2 ** (8 * offset)) % 2 ** (8 * size);

function readBytes(bytes: Uint8Array, offset: number, size: AccessSize): number {
  let value = 0;
  for (let index = size - 1; index >= 0; index--) value = value * 0x100 + (bytes[offset + index] ?? 0);
  return value;
}

/** Offsets of the legacy interface (Virtual I/O Device 1.1, 4.1.4.8). */
const legacy = {
  deviceFeatures: 0,
  driverFeatures: 4,
  queueAddress: 8,
  queueSize: 12,
  queueSelect: 14,
  queueNotify: 16,
  deviceStatus: 18,
  interruptStatus: 19,
  configuration: 20,
} as const;
const legacyPage = 4096;

/** The legacy interface, behind base address register 0. */
export function legacyRegisters(core: VirtioCore): Registers {
  return {
    read(offset, size) {
      if (offset >= legacy.configuration) return readBytes(core.device.configuration, offset - legacy.configuration, size);
      if (offset === legacy.interruptStatus) return core.takeInterruptStatus();
      const { state, queue } = core;
      const values = new Map([
        [legacy.deviceFeatures, core.features(0)],
        [legacy.driverFeatures, state.driverFeatures[0] ?? 0],
        [legacy.queueAddress, Math.floor((queue?.descriptors ?? 0) / legacyPage)],
        [legacy.queueSize, queue === undefined ? 0 : largestQueue],
        [legacy.queueSelect, state.queueSelect],
        [legacy.deviceStatus, state.status],
      ]);
      return values.get(offset as never) ?? 0;
    },
    write(offset, _size, value) {
      const { state } = core;
      if (offset === legacy.driverFeatures) core.acceptFeatures(0, value);
      else if (offset === legacy.queueAddress) placeLegacyQueue(core.queue, value);
      else if (offset === legacy.queueSelect) state.queueSelect = value & 0xffff;
      else if (offset === legacy.queueNotify) core.notify(value);
      else if (offset === legacy.deviceStatus) core.setStatus(value & 0xff);
    },
  };
}

/** One address gives all three parts of a legacy queue, which has the size that the device offers (2.6.2). */
function placeLegacyQueue(queue: QueueState | undefined, page: number): void {
  if (queue === undefined) return;
  const base = page * legacyPage;
  const available = base + 16 * largestQueue;
  const used = Math.ceil((available + 6 + 2 * largestQueue) / legacyPage) * legacyPage;
  Object.assign(queue, { size: largestQueue, enabled: page !== 0, descriptors: base, available, used, taken: 0, given: 0 });
}

/** Offsets of the common configuration (4.1.4.3). */
const common = {
  deviceFeatureSelect: 0x00,
  deviceFeature: 0x04,
  driverFeatureSelect: 0x08,
  driverFeature: 0x0c,
  configVector: 0x10,
  queueCount: 0x12,
  deviceStatus: 0x14,
  generation: 0x15,
  queueSelect: 0x16,
  queueSize: 0x18,
  queueVector: 0x1a,
  queueEnable: 0x1c,
  queueNotifyOffset: 0x1e,
  queueDescriptors: 0x20,
  queueDriver: 0x28,
  queueDevice: 0x30,
} as const;
const noVector = 0xffff;

/** Places of the structures in base address register 4; each has a page of its own. */
export const modern = { common: 0x0000, interruptStatus: 0x1000, configuration: 0x2000, notify: 0x3000, size: 0x4000 } as const;
/** Bytes between the notification addresses of two queues. */
export const notifyMultiplier = 4;

/** The modern interface, behind base address register 4. */
export function modernRegisters(core: VirtioCore): Registers {
  return {
    read(offset, size) {
      if (offset >= modern.notify) return 0;
      if (offset >= modern.configuration) return readBytes(core.device.configuration, offset - modern.configuration, size);
      if (offset >= modern.interruptStatus) return offset === modern.interruptStatus ? core.takeInterruptStatus() : 0;
      return readCommon(core, offset, size);
    },
    write(offset, size, value) {
      if (offset >= modern.notify) core.notify(Math.floor((offset - modern.notify) / notifyMultiplier));
      else if (offset < modern.interruptStatus) writeCommon(core, offset, size, value);
    },
  };
}

function readCommon(core: VirtioCore, offset: number, size: AccessSize): number {
  const { state, queue } = core;
  // Every field with its width in bytes, so that a driver may read parts of the wide ones.
  const fields: readonly (readonly [number, number, number])[] = [
    [common.deviceFeatureSelect, 4, state.featureSelect],
    [common.deviceFeature, 4, core.features(state.featureSelect)],
    [common.driverFeatureSelect, 4, state.driverFeatureSelect],
    [common.driverFeature, 4, state.driverFeatures[state.driverFeatureSelect] ?? 0],
    [common.configVector, 2, noVector],
    [common.queueCount, 2, core.device.queues],
    [common.deviceStatus, 1, state.status],
    [common.generation, 1, 0],
    [common.queueSelect, 2, state.queueSelect],
    [common.queueSize, 2, queue?.size ?? 0],
    [common.queueVector, 2, noVector],
    [common.queueEnable, 2, queue?.enabled ? 1 : 0],
    [common.queueNotifyOffset, 2, queue === undefined ? 0 : state.queueSelect],
    [common.queueDescriptors, 8, queue?.descriptors ?? 0],
    [common.queueDriver, 8, queue?.available ?? 0],
    [common.queueDevice, 8, queue?.used ?? 0],
  ];
  const field = fields.find(([start, width]) => offset >= start && offset < start + width);
  return field === undefined ? 0 : part(field[2], offset - field[0], size);
}

function writeCommon(core: VirtioCore, offset: number, size: AccessSize, value: number): void {
  const { state, queue } = core;
  if (offset === common.deviceFeatureSelect) state.featureSelect = value;
  else if (offset === common.driverFeatureSelect) state.driverFeatureSelect = value;
  else if (offset === common.driverFeature) core.acceptFeatures(state.driverFeatureSelect, value);
  else if (offset === common.deviceStatus) core.setStatus(value & 0xff);
  else if (offset === common.queueSelect) state.queueSelect = value & 0xffff;
  else if (queue !== undefined && !queue.enabled) writeQueue(queue, offset, size, value);
}

/** A queue can be changed until it is enabled, and only a reset disables it (4.1.4.3.2). */
function writeQueue(queue: QueueState, offset: number, size: AccessSize, value: number): void {
  if (offset === common.queueSize) {
    // A power of two (2.6).
    if (value > 0 && value <= largestQueue && (value & (value - 1)) === 0) queue.size = value;
  } else if (offset === common.queueEnable) queue.enabled = value === 1;
  else if (size === 4) writeAddress(queue, offset, value);
}

function writeAddress(queue: QueueState, offset: number, value: number): void {
  const fields = [
    [common.queueDescriptors, "descriptors"],
    [common.queueDriver, "available"],
    [common.queueDevice, "used"],
  ] as const;
  for (const [start, name] of fields) {
    const [low, high] = [queue[name] % 2 ** 32, Math.floor(queue[name] / 2 ** 32)];
    // Nothing lies above 2^53, and addresses are numbers.
    if (offset === start) queue[name] = high * 2 ** 32 + value;
    if (offset === start + 4) queue[name] = (value % 2 ** 21) * 2 ** 32 + low;
  }
}
