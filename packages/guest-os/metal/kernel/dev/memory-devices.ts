/** null, zero, full and random (null(4), full(4), random(4)). */
import { ENOSPC } from "@mercury/abi/metal";
import { File, FileOperations, plainOperations } from "../fs/file";
import { giveZeros } from "../fs/transfer";
import { fillRandom } from "./random";

export const nullOperations: FileOperations = changetype<FileOperations>(memory.data(offsetof<FileOperations>(), 4));
export const zeroOperations: FileOperations = changetype<FileOperations>(memory.data(offsetof<FileOperations>(), 4));
export const fullOperations: FileOperations = changetype<FileOperations>(memory.data(offsetof<FileOperations>(), 4));
export const randomOperations: FileOperations = changetype<FileOperations>(memory.data(offsetof<FileOperations>(), 4));

export function initializeMemoryDevices(): void {
  fillTable(nullOperations, readNothing.index, writeAway.index);
  fillTable(zeroOperations, readZeros.index, writeAway.index);
  fillTable(fullOperations, readZeros.index, writeFull.index);
  fillTable(randomOperations, readRandom.index, writeAway.index);
}

function fillTable(table: FileOperations, read: u32, write: u32): void {
  plainOperations(table);
  table.read = read;
  table.write = write;
  // A position that means nothing, but lseek succeeds.
  table.seekable = 1;
}

function readNothing(file: File, buffer: usize, count: u32): i32 {
  return 0;
}

function readZeros(file: File, buffer: usize, count: u32): i32 {
  const failed = giveZeros(buffer, count);
  return failed != 0 ? failed : <i32>count;
}

/** Bytes of one read of a random device, so that a huge one does not keep the processor (random(4)). */
const RANDOM_MOST: u32 = 0x10_0000;

function readRandom(file: File, buffer: usize, count: u32): i32 {
  return fillRandom(buffer, min(count, RANDOM_MOST));
}

function writeAway(file: File, buffer: usize, count: u32): i32 {
  return <i32>count;
}

function writeFull(file: File, buffer: usize, count: u32): i32 {
  return -ENOSPC;
}
