/** Files of one process, in the forms of proc(5). */
import { ENOENT, ESRCH, PAGE_SIZE } from "@mercury/abi/metal";
import { cstr } from "@mercury/toolchain/metal";
import { AREA_EXECUTE, AREA_GROWS, AREA_HEAP, AREA_READ, AREA_SHARED, AREA_WRITE, Area } from "../../mm/area";
import { allocateFrame, linear, releaseFrame } from "../../mm/frames";
import { areasOf, readSpace } from "../../mm/space";
import { TASK_RUNNING, TASK_SLEEPING, TASK_STOPPED, Task, findTask, taskName } from "../../sched/task";
import { TICKS_PER_SECOND } from "../../sched/rate";
import { S_IFLNK, S_IFREG, deviceNumber } from "../../../linux/files";
import { Inode } from "../inode";
import { putPath } from "./paths";
import { RowTable, addRow } from "./rows";
import { put, putByte, putBytes, putDecimal, putHex, putSigned } from "./text";

const SPACE: u32 = 0x20;
const NEWLINE: u32 = 0x0a;
const NANOSECONDS_PER_TICK: u64 = 1_000_000_000 / TICKS_PER_SECOND;

export function addProcessRows(table: RowTable): void {
  addRow(table, cstr`stat`, S_IFREG | 0o444, stat.index);
  addRow(table, cstr`status`, S_IFREG | 0o444, status.index);
  addRow(table, cstr`statm`, S_IFREG | 0o444, statm.index);
  addRow(table, cstr`cmdline`, S_IFREG | 0o444, cmdline.index);
  addRow(table, cstr`environ`, S_IFREG | 0o400, environ.index);
  addRow(table, cstr`maps`, S_IFREG | 0o444, maps.index);
  addRow(table, cstr`cwd`, S_IFLNK | 0o777, cwd.index);
  addRow(table, cstr`exe`, S_IFLNK | 0o777, exe.index);
}

function areaPages(task: Task): u32 {
  const space = task.space;
  if (space === null) return 0;
  let pages: u32 = 0;
  let area = areasOf(space).first;
  while (area !== null) {
    pages += <u32>((area.end - area.start) / PAGE_SIZE);
    area = area.next;
  }
  return pages;
}

function residentPages(task: Task): u32 {
  const space = task.space;
  return space === null ? 0 : space.residentPages;
}

function parentPid(task: Task): u32 {
  const parent = task.parent;
  return parent === null ? 0 : parent.pid;
}

function field(value: u64): void {
  putByte(SPACE);
  putDecimal(value);
}

function zeros(count: u32): void {
  for (let index: u32 = 0; index < count; index++) field(0);
}

/** Fields 1 to 24 mean something here; the rest is there for those who count. */
function stat(pid: u32): i32 {
  const task = findTask(pid);
  if (task === null) return -ESRCH;
  putDecimal(pid);
  put(cstr` (`);
  put(taskName(task));
  put(cstr`) `);
  putByte(task.state);
  field(parentPid(task));
  field(task.group);
  field(task.session);
  putTerminal(task);
  zeros(5);
  field(task.userTicks);
  field(task.systemTicks);
  field(task.childUserTicks);
  field(task.childSystemTicks);
  put(cstr` 20 0 1 0`);
  field(task.startTime / NANOSECONDS_PER_TICK);
  field(<u64>areaPages(task) * PAGE_SIZE);
  field(residentPages(task));
  zeros(28);
  putByte(NEWLINE);
  return 0;
}

/** tty_nr and tpgid. */
function putTerminal(task: Task): void {
  const terminal = task.terminal;
  if (terminal === null) {
    put(cstr` 0 -1`);
    return;
  }
  field(deviceNumber(4, 64));
  putByte(SPACE);
  putSigned(<i32>terminal.foreground);
}

function stateName(state: u32): usize {
  if (state == TASK_RUNNING) return cstr`R (running)`;
  if (state == TASK_SLEEPING) return cstr`S (sleeping)`;
  return state == TASK_STOPPED ? cstr`T (stopped)` : cstr`Z (zombie)`;
}

function column(key: usize): void {
  put(key);
  put(cstr`:\t`);
}

function number(key: usize, value: u32): void {
  column(key);
  putDecimal(value);
  putByte(NEWLINE);
}

function memoryOf(key: usize, pages: u32): void {
  column(key);
  putDecimal(pages * (PAGE_SIZE / 1024));
  put(cstr` kB\n`);
}

function signals(key: usize, set: u64): void {
  column(key);
  putHex(set, 16);
  putByte(NEWLINE);
}

function status(pid: u32): i32 {
  const task = findTask(pid);
  if (task === null) return -ESRCH;
  column(cstr`Name`);
  put(taskName(task));
  put(cstr`\nState:\t`);
  put(stateName(task.state));
  putByte(NEWLINE);
  number(cstr`Tgid`, pid);
  number(cstr`Pid`, pid);
  number(cstr`PPid`, parentPid(task));
  put(cstr`Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n`);
  number(cstr`NSpgid`, task.group);
  number(cstr`NSsid`, task.session);
  memoryOf(cstr`VmSize`, areaPages(task));
  memoryOf(cstr`VmRSS`, residentPages(task));
  number(cstr`Threads`, 1);
  signals(cstr`SigPnd`, task.pending);
  signals(cstr`SigBlk`, task.blocked);
  return 0;
}

function statm(pid: u32): i32 {
  const task = findTask(pid);
  if (task === null) return -ESRCH;
  putDecimal(areaPages(task));
  field(residentPages(task));
  zeros(5);
  putByte(NEWLINE);
  return 0;
}

function cmdline(pid: u32): i32 {
  const task = findTask(pid);
  if (task === null) return -ESRCH;
  const space = task.space;
  return space === null ? 0 : putMemory(task, space.argumentStart, space.argumentEnd);
}

function environ(pid: u32): i32 {
  const task = findTask(pid);
  if (task === null) return -ESRCH;
  const space = task.space;
  return space === null ? 0 : putMemory(task, space.environmentStart, space.environmentEnd);
}

/** A range of the task's memory, up to where a page is missing. */
function putMemory(task: Task, start: usize, end: usize): i32 {
  const frame = allocateFrame();
  if (frame == 0) return 0;
  for (let at = start; at < end; ) {
    const wanted = min<usize>(end - at, PAGE_SIZE);
    const got = readSpace(task, linear(frame), at, wanted);
    if (got <= 0) break;
    putBytes(linear(frame), <u32>got);
    at += <usize>got;
  }
  releaseFrame(frame);
  return 0;
}

function maps(pid: u32): i32 {
  const task = findTask(pid);
  if (task === null) return -ESRCH;
  const space = task.space;
  if (space === null) return 0;
  let area = areasOf(space).first;
  while (area !== null) {
    putArea(area);
    area = area.next;
  }
  return 0;
}

function flag(area: Area, bit: u32, letter: u32): void {
  putByte((area.flags & bit) != 0 ? letter : 0x2d);
}

function putArea(area: Area): void {
  const file = area.file;
  putHex(area.start, 8);
  putByte(0x2d);
  putHex(area.end, 8);
  putByte(SPACE);
  flag(area, AREA_READ, 0x72);
  flag(area, AREA_WRITE, 0x77);
  flag(area, AREA_EXECUTE, 0x78);
  putByte((area.flags & AREA_SHARED) != 0 ? 0x73 : 0x70);
  putByte(SPACE);
  putHex(area.offset, 8);
  put(cstr` 00:`);
  putHex(file === null ? 0 : file.system, 2);
  field(file === null ? 0 : file.number);
  if ((area.flags & AREA_GROWS) != 0) put(cstr` [stack]`);
  else if ((area.flags & AREA_HEAP) != 0) put(cstr` [heap]`);
  putByte(NEWLINE);
}

/** A process without a program, or on its way out, has no such link. */
function pathTo(inode: Inode | null): i32 {
  if (inode === null) return -ENOENT;
  putPath(inode);
  return 0;
}

function cwd(pid: u32): i32 {
  const task = findTask(pid);
  return task === null ? -ESRCH : pathTo(task.directory);
}

function exe(pid: u32): i32 {
  const task = findTask(pid);
  return task === null ? -ESRCH : pathTo(task.executable);
}
