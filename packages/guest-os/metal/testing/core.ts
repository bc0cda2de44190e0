/** Pure parts of the kernel's core for tests in Node. */
import { keepCommandLine, numberAt, optionIs, optionValue } from "../kernel/boot/command-line";
import { ElfHeader, headersInMemory, isProgram, mapProgram } from "../kernel/proc/elf";
import { Inode } from "../kernel/fs/inode";
import { Area } from "../kernel/mm/area";
import { Space, areasOf } from "../kernel/mm/space";
import { installSystemCalls } from "../kernel/syscalls/table";
import { Timer, cancelTimer, expireTimers, startTimer } from "../kernel/sched/timer";
import { Task } from "../kernel/sched/task";
import { addFrames, initializeFrames, linear } from "../kernel/mm/frames";

export { commandLine } from "../kernel/boot/command-line";
export { daysFromCivil } from "../kernel/sched/calibrate";
export { multiplierFor, now, scaleTicks, shiftFor, startClock } from "../kernel/sched/clock";
export { parseScript, scriptArgument, scriptInterpreter } from "../kernel/proc/script";
export { systemCallHandler } from "../kernel/syscalls/dispatch";

/** Where a test puts strings and records, and how much of it there is. */
const scratch: usize = memory.data(8192, 16);

export function scratchAddress(): usize {
  return scratch;
}

export function setCommandLine(text: usize): void {
  keepCommandLine(text);
}

export function option(name: usize, value: usize): bool {
  return optionIs(name, value);
}

export function numberOption(name: usize): i32 {
  const value = optionValue(name);
  return value == 0 ? -1 : <i32>numberAt(value);
}

export function installCalls(): void {
  installSystemCalls();
}

export function acceptsHeader(header: usize): bool {
  return isProgram(changetype<ElfHeader>(header));
}

const space: Space = changetype<Space>(memory.data(offsetof<Space>(), 4));
const file: Inode = changetype<Inode>(memory.data(offsetof<Inode>(), 8));

/** Memory for areas: 64 frames at 4 MB. */
export function setUpCore(): void {
  initializeFrames(linear(0x40_0000), 0x440);
  addFrames(0x41_0000, 0x44_0000);
}

/** Maps the segments of `count` program headers into an empty space: 0 or a negated errno. */
export function mapHeaders(headers: usize, count: u32): i32 {
  memory.fill(changetype<usize>(space), 0, offsetof<Space>());
  file.references = 1;
  file.links = 1;
  return mapProgram(space, file, headers, count);
}

export function headersAddress(offset: u32, headers: usize, count: u32): u32 {
  return headersInMemory(offset, headers, count);
}

export function programBreak(): usize {
  return space.breakStart;
}

/** Field `which` (start, end, flags, whether a file, offset, fileEnd) of the area number `index`, or -1. */
export function areaField(index: u32, which: u32): i32 {
  let area: Area | null = areasOf(space).first;
  for (let at: u32 = 0; area !== null && at < index; at++) area = area.next;
  if (area === null) return -1;
  if (which == 0) return <i32>area.start;
  if (which == 1) return <i32>area.end;
  if (which == 2) return <i32>area.flags;
  if (which == 3) return area.file === null ? 0 : 1;
  return which == 4 ? <i32>area.offset : <i32>area.fileEnd;
}

const TIMERS: u32 = 8;
const timers: usize = memory.data(8 * 64, 8);
const tasks: usize = memory.data(8 * 512, 8);

function timerAt(index: u32): Timer {
  return changetype<Timer>(timers + (index << 6));
}

/** Eight timers, each to wake a task that sleeps on a queue of its own. */
export function setUpTimers(): void {
  for (let index: u32 = 0; index < TIMERS; index++) timerAt(index).task = changetype<Task>(tasks + (index << 9));
}

export function start(index: u32, deadline: u64): void {
  startTimer(timerAt(index), deadline);
}

export function cancel(index: u32): void {
  cancelTimer(timerAt(index));
}

export function expire(): void {
  expireTimers();
}

export function isRunning(index: u32): bool {
  return timerAt(index).running != 0;
}
