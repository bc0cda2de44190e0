/** Files of the whole system, in the forms of proc(5). */
import { PAGE_SIZE, SHARED_PAGE, SHARED_PAGE_TICKS_PER_MILLISECOND } from "@mercury/abi/metal";
import { cpuid, cstr } from "@mercury/toolchain/metal";
import { hasFpu, programFeatures } from "../../fpu/unit";
import { freeFrameCount, managedFrameCount } from "../../mm/frames";
import { bootSeconds, now } from "../../sched/clock";
import { LOAD_AVERAGES, LOAD_SHIFT, loadAverage, runningTasks } from "../../sched/load";
import { idleTask } from "../../sched/queue";
import { current, firstTask, taskCount } from "../../sched/task";
import { TICKS_PER_SECOND } from "../../sched/rate";
import { tickCount } from "../../sched/tick";
import { S_IFLNK, S_IFREG } from "../../../linux/files";
import { filePageCount } from "../pages";
import { putMounts } from "../mount";
import { RowTable, addRow } from "./rows";
import { put, putByte, putBytes, putDecimal, putPadded } from "./text";

const NANOSECONDS: u64 = 1_000_000_000;
const NEWLINE: u32 = 0x0a;
const SPACE: u32 = 0x20;
const POINT: u32 = 0x2e;
const KILOBYTES_PER_PAGE: u64 = PAGE_SIZE / 1024;

export function addSystemRows(table: RowTable): void {
  addRow(table, cstr`self`, S_IFLNK | 0o777, self.index);
  addRow(table, cstr`meminfo`, S_IFREG | 0o444, meminfo.index);
  addRow(table, cstr`uptime`, S_IFREG | 0o444, uptime.index);
  addRow(table, cstr`loadavg`, S_IFREG | 0o444, loadavg.index);
  addRow(table, cstr`stat`, S_IFREG | 0o444, stat.index);
  addRow(table, cstr`version`, S_IFREG | 0o444, version.index);
  addRow(table, cstr`cpuinfo`, S_IFREG | 0o444, cpuinfo.index);
  addRow(table, cstr`mounts`, S_IFREG | 0o444, mounts.index);
  addRow(table, cstr`filesystems`, S_IFREG | 0o444, filesystems.index);
}

function self(pid: u32): i32 {
  putDecimal(current().pid);
  return 0;
}

function kilobytes(key: usize, pages: u32): void {
  put(key);
  putByte(0x3a);
  putByte(SPACE);
  putDecimal(<u64>pages * KILOBYTES_PER_PAGE);
  put(cstr` kB\n`);
}

function meminfo(pid: u32): i32 {
  kilobytes(cstr`MemTotal`, managedFrameCount());
  kilobytes(cstr`MemFree`, freeFrameCount());
  kilobytes(cstr`MemAvailable`, freeFrameCount());
  kilobytes(cstr`Buffers`, 0);
  kilobytes(cstr`Cached`, filePageCount());
  kilobytes(cstr`Shmem`, filePageCount());
  kilobytes(cstr`SwapTotal`, 0);
  kilobytes(cstr`SwapFree`, 0);
  return 0;
}

function hundredths(value: u64): void {
  putDecimal(value / 100);
  putByte(POINT);
  putPadded(<u32>(value % 100), 2);
}

function uptime(pid: u32): i32 {
  hundredths(now() / (NANOSECONDS / 100));
  putByte(SPACE);
  hundredths(<u64>idleTask().systemTicks * 100 / TICKS_PER_SECOND);
  putByte(NEWLINE);
  return 0;
}

function loadavg(pid: u32): i32 {
  putLoad();
  putByte(SPACE);
  putDecimal(runningTasks());
  putByte(0x2f);
  putDecimal(taskCount());
  putByte(SPACE);
  putDecimal(youngestPid());
  putByte(NEWLINE);
  return 0;
}

/** The three averages with two decimals. */
function putLoad(): void {
  for (let index: u32 = 0; index < LOAD_AVERAGES; index++) {
    // Half a hundredth more, so that cutting off rounds.
    const value = loadAverage(index) + (1 << LOAD_SHIFT) / 200;
    if (index != 0) putByte(SPACE);
    putDecimal(value >> LOAD_SHIFT);
    putByte(POINT);
    putPadded(((value & ((1 << LOAD_SHIFT) - 1)) * 100) >> LOAD_SHIFT, 2);
  }
}

function youngestPid(): u32 {
  let pid: u32 = 0;
  let task = firstTask();
  while (task !== null) {
    pid = task.pid;
    task = task.nextTask;
  }
  return pid;
}

/** A task's ticks go to its parent when it is reaped, so that the sum over all tasks and their children loses none. */
function userTicks(): u32 {
  let ticks: u32 = 0;
  let task = firstTask();
  while (task !== null) {
    ticks += task.userTicks + task.childUserTicks;
    task = task.nextTask;
  }
  return ticks;
}

function putTimes(name: usize): void {
  const idle = idleTask().systemTicks;
  const user = userTicks();
  put(name);
  putDecimal(user);
  put(cstr` 0 `);
  putDecimal(tickCount() - user - idle);
  putByte(SPACE);
  putDecimal(idle);
  put(cstr` 0 0 0 0 0 0\n`);
}

function stat(pid: u32): i32 {
  putTimes(cstr`cpu  `);
  putTimes(cstr`cpu0 `);
  put(cstr`btime `);
  putDecimal(bootSeconds());
  put(cstr`\nprocesses `);
  putDecimal(youngestPid());
  put(cstr`\nprocs_running `);
  putDecimal(runningTasks());
  put(cstr`\nprocs_blocked 0\n`);
  return 0;
}

function version(pid: u32): i32 {
  put(cstr`Linux version 5.10.0-mercury (Mercury) #1\n`);
  return 0;
}

const leaf: usize = memory.data(16, 4);

function cpuinfo(pid: u32): i32 {
  cpuid(0, 0, leaf);
  put(cstr`processor\t: 0\nvendor_id\t: `);
  // The vendor's twelve letters come in EBX, EDX, ECX (SDM 2A CPUID).
  putBytes(leaf + 4, 4);
  putBytes(leaf + 12, 4);
  putBytes(leaf + 8, 4);
  cpuid(1, 0, leaf);
  const signature = load<u32>(leaf);
  const family = (signature >> 8) & 0xf;
  put(cstr`\ncpu family\t: `);
  putDecimal(family == 0xf ? family + ((signature >> 20) & 0xff) : family);
  put(cstr`\nmodel\t\t: `);
  putDecimal(((signature >> 4) & 0xf) | ((signature >> 12) & 0xf0));
  put(cstr`\nstepping\t: `);
  putDecimal(signature & 0xf);
  put(cstr`\ncpu MHz\t\t: `);
  putDecimal(load<u32>(SHARED_PAGE + SHARED_PAGE_TICKS_PER_MILLISECOND) / 1000);
  put(hasFpu() ? cstr`\nfpu\t\t: yes\nfpu_exception\t: yes` : cstr`\nfpu\t\t: no\nfpu_exception\t: no`);
  put(cstr`\nwp\t\t: yes\nflags\t\t:`);
  putFeatures(programFeatures());
  put(cstr`\n\n`);
  return 0;
}

/** Names of the bits of CPUID.1:EDX from bit 0 on, a space before each, as Linux has them (arch/x86/include/asm/cpufeatures.h); "-": reserved. */
const FEATURE_NAMES: usize = cstr` fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov pat pse36 pn clflush - dts acpi mmx fxsr sse sse2 ss ht tm ia64 pbe`;

function putFeatures(features: u32): void {
  let at = FEATURE_NAMES;
  for (let left = features; left != 0; left >>= 1) {
    let end = at + 1;
    while (load<u8>(end) != SPACE && load<u8>(end) != 0) end++;
    if ((left & 1) != 0) putBytes(at, <u32>(end - at));
    at = end;
  }
}

function mounts(pid: u32): i32 {
  return putMounts();
}

function filesystems(pid: u32): i32 {
  put(cstr`nodev\tramfs\nnodev\ttmpfs\nnodev\tproc\n`);
  return 0;
}
