/** /proc/mercury: the system's mode and the switch between the two, as sharedPage reports it. */
import {
  EINVAL, HYPERCALL_COUNT, PAGE_SIZE, SHARED_PAGE, SHARED_PAGE_INJECT_POINT, SHARED_PAGE_MODE, SHARED_PAGE_REPORT, SHARED_PAGE_STATS,
  SHARED_PAGE_TEST_IMAGE, STEP_COUNT, SWITCH_REPORT_STEPS, SWITCH_STATS_HYPERCALLS, SwitchReport, SwitchStats, reasonText, stepName,
} from "@mercury/abi/metal";
import { cstr, volatileLoad32, volatileStore32 } from "@mercury/toolchain/metal";
import { strategyName } from "mercury:switch";
import { managedFrameCount } from "../../mm/frames";
import { now } from "../../sched/clock";
import { switchMode } from "../../trap/mode-switch";
import { nonMaskableCount } from "../../trap/non-maskable";
import { S_IFREG } from "../../../linux/files";
import { audit } from "./audit";
import { p2m } from "./p2m";
import { RowTable, addRow } from "./rows";
import { beginStorm, storm } from "./storm";
import { put, putByte, putDecimal, putLine, putTextLine } from "./text";

const NATIVE: u32 = 0;
const VIRTUAL: u32 = 1;
const NEWLINE: u32 = 0x0a;
const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;

export function addMercuryRows(table: RowTable): void {
  addRow(table, cstr`mode`, S_IFREG | 0o644, mode.index).accept = changeMode.index;
  addRow(table, cstr`last`, S_IFREG | 0o444, last.index);
  addRow(table, cstr`stats`, S_IFREG | 0o444, stats.index);
  addRow(table, cstr`audit`, S_IFREG | 0o444, audit.index);
  addRow(table, cstr`storm`, S_IFREG | 0o644, storm.index).accept = beginStorm.index;
  addRow(table, cstr`domains`, S_IFREG | 0o444, domains.index);
  addRow(table, cstr`p2m`, S_IFREG | 0o444, p2m.index);
  // Fault points exist in test images only.
  if (shared(SHARED_PAGE_TEST_IMAGE) != 0) addRow(table, cstr`inject`, S_IFREG | 0o644, inject.index).accept = setFaultPoint.index;
}

/** A word of the page that the VMM changes. */
function shared(offset: u32): u32 {
  return volatileLoad32(SHARED_PAGE + offset);
}

function mode(pid: u32): i32 {
  put(shared(SHARED_PAGE_MODE) == VIRTUAL ? cstr`virtual\n` : cstr`native\n`);
  return 0;
}

/** Whether what was written is this word, with or without a newline. */
function isWord(bytes: usize, count: u32, word: usize): bool {
  let at: u32 = 0;
  while (at < count && load<u8>(word + at) != 0 && load<u8>(bytes + at) == load<u8>(word + at)) at++;
  if (load<u8>(word + at) != 0) return false;
  return at == count || (at + 1 == count && load<u8>(bytes + at) == NEWLINE);
}

function changeMode(bytes: usize, count: u32): i32 {
  if (isWord(bytes, count, cstr`virtual`)) return switchMode(VIRTUAL);
  return isWord(bytes, count, cstr`native`) ? switchMode(NATIVE) : -EINVAL;
}

function directionName(direction: u32): usize {
  if (direction == 0) return cstr`none`;
  return direction == 1 ? cstr`native->virtual` : cstr`virtual->native`;
}

function last(pid: u32): i32 {
  const report = changetype<SwitchReport>(SHARED_PAGE + SHARED_PAGE_REPORT);
  putTextLine(cstr`direction`, directionName(report.direction));
  putTextLine(cstr`result`, report.result == 0 ? cstr`ok` : cstr`failed`);
  putTextLine(cstr`reason`, reasonText(report.reason));
  putTextLine(cstr`strategy`, strategyName(report.strategy));
  putLine(cstr`retries`, report.retries);
  putLine(cstr`cycles`, report.cycles);
  putLine(cstr`irqs_off_cycles`, report.interruptsOffCycles);
  putLine(cstr`frames`, report.frames);
  putLine(cstr`tables`, report.tables);
  const steps = changetype<usize>(report) + SWITCH_REPORT_STEPS;
  for (let step: u32 = 0; step < STEP_COUNT; step++) {
    put(cstr`step.`);
    putLine(stepName(step), load<u64>(steps + (step << 3)));
  }
  return 0;
}

function stats(pid: u32): i32 {
  const counters = changetype<SwitchStats>(SHARED_PAGE + SHARED_PAGE_STATS);
  putLine(cstr`attaches`, counters.attaches);
  putLine(cstr`detaches`, counters.detaches);
  putLine(cstr`failures`, counters.failures);
  putLine(cstr`retries`, counters.retries);
  putLine(cstr`sites`, counters.sites);
  putLine(cstr`emulated`, counters.emulated);
  putLine(cstr`table_write_faults`, counters.tableWriteFaults);
  putLine(cstr`deferred.directories`, counters.deferredDirectories);
  putLine(cstr`deferred.leaves`, counters.deferredLeaves);
  putLine(cstr`deferred.slots`, counters.deferredSlots);
  putLine(cstr`events`, counters.events);
  putLine(cstr`events_held`, counters.eventsHeld);
  putLine(cstr`forwarded_faults`, counters.forwardedFaults);
  putLine(cstr`failed_hypercalls`, counters.killed);
  putLine(cstr`nmis`, nonMaskableCount());
  const calls = changetype<usize>(counters) + SWITCH_STATS_HYPERCALLS;
  for (let call: u32 = 0; call < HYPERCALL_COUNT; call++) {
    put(cstr`hypercalls.`);
    putDecimal(call);
    put(cstr`: `);
    putDecimal(load<u32>(calls + (call << 2)));
    putByte(NEWLINE);
  }
  return 0;
}

/** One line for each domain: number, state, memory, running time. In native mode there is none. */
function domains(pid: u32): i32 {
  if (shared(SHARED_PAGE_MODE) != VIRTUAL) return 0;
  put(cstr`0 running `);
  putDecimal(<u64>managedFrameCount() * (PAGE_SIZE / 1024));
  put(cstr` kB `);
  putDecimal(now() / NANOSECONDS_PER_MILLISECOND);
  put(cstr` ms\n`);
  return 0;
}

/** Names of the fault points; the one that fails next is marked. */
function inject(pid: u32): i32 {
  for (let step: u32 = 0; step < STEP_COUNT; step++) {
    put(stepName(step));
    if (shared(SHARED_PAGE_INJECT_POINT) == step + 1) put(cstr` *`);
    putByte(NEWLINE);
  }
  return 0;
}

/** The point that shall fail next, by name; "none" takes it back. */
function setFaultPoint(bytes: usize, count: u32): i32 {
  let point: u32 = 0;
  if (!isWord(bytes, count, cstr`none`)) {
    while (point < STEP_COUNT && !isWord(bytes, count, stepName(point))) point++;
    if (point == STEP_COUNT) return -EINVAL;
    point++;
  }
  volatileStore32(SHARED_PAGE + SHARED_PAGE_INJECT_POINT, point);
  return 0;
}
