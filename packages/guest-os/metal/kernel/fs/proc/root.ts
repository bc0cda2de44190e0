/** The tables of the generated file system. */
import { cstr } from "@mercury/toolchain/metal";
import { S_IFDIR } from "../../../linux/files";
import { Inode } from "../inode";
import { addMercuryRows } from "./mercury";
import { fillDescriptors } from "./descriptors";
import { addProcessRows } from "./process";
import { addProcesses } from "./processes";
import { RowTable, TABLE_SIZE, addRow } from "./rows";
import { addSystemRows } from "./system";
import { newProcRoot } from "./tree";

const system: RowTable = changetype<RowTable>(memory.data(TABLE_SIZE, 4));
const mercury: RowTable = changetype<RowTable>(memory.data(TABLE_SIZE, 4));
const process: RowTable = changetype<RowTable>(memory.data(TABLE_SIZE, 4));
const descriptors: RowTable = changetype<RowTable>(memory.data(TABLE_SIZE, 4));

/** First numbers of the rows' inodes; 1 is the root, and a process's directory has 0. */
const SYSTEM_NUMBERS: u32 = 2;
const MERCURY_NUMBERS: u32 = 32;
const PROCESS_NUMBERS: u32 = 1;

/** The root of a /proc, held, or null: no memory. All of them show the same. */
export function newSystemProcRoot(): Inode | null {
  if (system.count == 0) fillTables();
  return newProcRoot(system);
}

function fillTables(): void {
  system.numbering = SYSTEM_NUMBERS;
  mercury.numbering = MERCURY_NUMBERS;
  process.numbering = PROCESS_NUMBERS;
  addSystemRows(system);
  addProcesses(system, process);
  addProcessRows(process);
  fillDescriptors(descriptors);
  addRow(process, cstr`fd`, S_IFDIR | 0o500, 0).children = changetype<usize>(descriptors);
  addMercuryRows(mercury);
  addRow(system, cstr`mercury`, S_IFDIR | 0o555, 0).children = changetype<usize>(mercury);
}
