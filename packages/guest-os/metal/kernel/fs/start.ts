/** Brings the file systems up: root in memory, /dev, and /proc once it is mounted. */
import { cstr } from "@mercury/toolchain/metal";
import { deviceCount, deviceMode, deviceName, deviceNumberOf, initializeDevices } from "../dev/devices";
import { managedFrameCount } from "../mm/frames";
import { O_RDWR, S_IFCHR, S_IFDIR } from "../../linux/files";
import { initializeConsole } from "../tty/device";
import { File, holdFile } from "./file";
import { isError } from "./inode";
import { makeName } from "./names";
import { openPath } from "./open";
import { limitFilePages } from "./pages";
import { initializePipes } from "./pipe";
import { initializeRamfs, newRamRoot } from "./ramfs";
import { root, setRoot } from "./path";
import { FileTable, installFile } from "./table";

const path: usize = memory.data(32);
const DIRECTORY_LENGTH: u32 = 5;

/** Before any archive is unpacked: an empty root with /dev in it. Files may take half of the memory. False: no memory. */
export function initializeFiles(): bool {
  limitFilePages(managedFrameCount() / 2);
  initializeConsole();
  initializeDevices();
  initializePipes();
  initializeRamfs();
  const inode = newRamRoot(0o755);
  if (inode === null) return false;
  setRoot(inode);
  return true;
}

/** After the archives: a /dev, /proc and /tmp where they brought none, and the device files that are missing. */
export function completeFiles(): void {
  makeName(root(), cstr`/dev`, S_IFDIR | 0o755, 0);
  makeName(root(), cstr`/proc`, S_IFDIR | 0o555, 0);
  makeName(root(), cstr`/tmp`, S_IFDIR | 0o1777, 0);
  memory.copy(path, cstr`/dev/`, DIRECTORY_LENGTH);
  for (let index: u32 = 0; index < deviceCount(); index++) {
    copyName(path + DIRECTORY_LENGTH, deviceName(index));
    makeName(root(), path, S_IFCHR | deviceMode(index), deviceNumberOf(index));
  }
}

function copyName(to: usize, from: usize): void {
  let at: usize = 0;
  do store<u8>(to + at, load<u8>(from + at));
  while (load<u8>(from + at++) != 0);
}

/** Opens the console as descriptors 0, 1 and 2 of the first task's empty table: 0 or a negated errno. */
export function openConsole(table: FileTable): i32 {
  const opened = openPath(root(), cstr`/dev/console`, O_RDWR, 0);
  if (isError(opened)) return <i32>opened;
  const file = changetype<File>(opened);
  installFile(table, file, 0, false);
  installFile(table, holdFile(file), 0, false);
  installFile(table, holdFile(file), 0, false);
  return 0;
}
