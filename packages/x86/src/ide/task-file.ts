import type { Command } from "./commands.ts";
import type { DriveState } from "./drive-state.ts";
import { headsPerCylinder, sectorsPerTrack } from "./geometry.ts";
import { device, register } from "./registers.ts";

type TaskFile = Pick<DriveState, "taskFile" | "device">;

const at = ({ taskFile }: TaskFile, offset: number): number => taskFile[offset - 1] ?? 0;

/** The first sector that a command names: 48 or 28 bits of address, or cylinder, head and sector (ATA/ATAPI-6, 6.2). */
export function addressOf(state: TaskFile, { extended }: Command): number {
  const [low, middle, high] = [at(state, register.low), at(state, register.middle), at(state, register.high)];
  const short = (low & 0xff) | ((middle & 0xff) << 8) | ((high & 0xff) << 16);
  if (extended) return short + (low >> 8) * 2 ** 24 + (middle >> 8) * 2 ** 32 + (high >> 8) * 2 ** 40;
  if ((state.device & device.lba) !== 0) return short + (state.device & 15) * 2 ** 24;
  const cylinder = short >> 8;
  const sector = short & 0xff;
  // Sectors count from 1: there is none of number 0.
  if (sector === 0) return Number.MAX_SAFE_INTEGER;
  return (cylinder * headsPerCylinder + (state.device & 15)) * sectorsPerTrack + sector - 1;
}

/** How many sectors a command names; 0 stands for the most. */
export function countOf(state: TaskFile, { extended }: Command): number {
  const count = at(state, register.count);
  return extended ? count || 0x1_0000 : count & 0xff || 0x100;
}

/** Puts a sector's address into the task file, as a command of that kind gives it. */
export function putAddress(state: DriveState, command: Command | undefined, sector: number): void {
  const part = (shift: number): number => Math.floor(sector / 2 ** shift) & 0xff;
  const upper = (shift: number): number => (command?.extended ? part(shift) << 8 : 0);
  state.taskFile[register.low - 1] = part(0) | upper(24);
  state.taskFile[register.middle - 1] = part(8) | upper(32);
  state.taskFile[register.high - 1] = part(16) | upper(40);
  if (!command?.extended) state.device = (state.device & 0xf0) | (part(24) & 15);
}
