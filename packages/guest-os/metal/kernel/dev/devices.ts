/** Character devices by number (Linux: Documentation/admin-guide/devices.txt), and the names that /dev gives them. */
import { ENXIO } from "@mercury/abi/metal";
import { cstr } from "@mercury/toolchain/metal";
import { File, FileOperations, plainOperations } from "../fs/file";
import { deviceNumber } from "../../linux/files";
import { consoleOperations, lineOperations, ownOperations } from "../tty/device";
import { initializeRawLines, rawLineOperations } from "./raw-line";
import { fullOperations, initializeMemoryDevices, nullOperations, randomOperations, zeroOperations } from "./memory-devices";

// @ts-ignore: decorator
@unmanaged class DeviceRow {
  name: usize;
  device: u32;
  mode: u32;
  operations: FileOperations;
}
const ROW_SIZE: u32 = offsetof<DeviceRow>();
const ROWS: u32 = 12;

const rows: usize = memory.data(12 * 16, 4);
const absent: FileOperations = changetype<FileOperations>(memory.data(offsetof<FileOperations>(), 4));
let filled: u32 = 0;

/** Fills the table. The console's operations are filled by initializeConsole. */
export function initializeDevices(): void {
  initializeMemoryDevices();
  initializeRawLines();
  plainOperations(absent);
  absent.open = openAbsent.index;
  add(cstr`null`, deviceNumber(1, 3), 0o666, nullOperations);
  add(cstr`zero`, deviceNumber(1, 5), 0o666, zeroOperations);
  add(cstr`full`, deviceNumber(1, 7), 0o666, fullOperations);
  add(cstr`random`, deviceNumber(1, 8), 0o666, randomOperations);
  add(cstr`urandom`, deviceNumber(1, 9), 0o666, randomOperations);
  add(cstr`tty`, deviceNumber(5, 0), 0o666, ownOperations);
  add(cstr`console`, deviceNumber(5, 1), 0o600, consoleOperations);
  add(cstr`ttyS0`, deviceNumber(4, 64), 0o620, lineOperations);
  add(cstr`ttyS1`, deviceNumber(4, 65), 0o620, rawLineOperations);
  add(cstr`ttyS2`, deviceNumber(4, 66), 0o620, rawLineOperations);
}

function add(name: usize, device: u32, mode: u32, operations: FileOperations): void {
  const row = rowAt(filled++);
  row.name = name;
  row.device = device;
  row.mode = mode;
  row.operations = operations;
}

function rowAt(index: u32): DeviceRow {
  assert(index < ROWS);
  return changetype<DeviceRow>(rows + index * ROW_SIZE);
}

/** What a device file of this number does when it is opened; a number that nothing answers to is refused then (ENXIO). */
export function deviceOperations(device: u32): FileOperations {
  for (let index: u32 = 0; index < filled; index++) if (rowAt(index).device == device) return rowAt(index).operations;
  return absent;
}

/** How many devices have a name in /dev. */
export function deviceCount(): u32 {
  return filled;
}

/** NUL-terminated name of device `index`. */
export function deviceName(index: u32): usize {
  return rowAt(index).name;
}

export function deviceNumberOf(index: u32): u32 {
  return rowAt(index).device;
}

/** Permission bits of device `index`. */
export function deviceMode(index: u32): u32 {
  return rowAt(index).mode;
}

function openAbsent(file: File): i32 {
  return -ENXIO;
}
