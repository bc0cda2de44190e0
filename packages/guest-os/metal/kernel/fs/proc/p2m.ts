/** /proc/mercury/p2m: a line for each chunk of 4 MB of the kernel's memory: its number, and the number of the machine's chunk under it. */
import { chunkCount, machineChunk } from "../../boot/chunks";
import { memoryPlan } from "../../boot/plan";
import { putByte, putDecimal } from "./text";

const SPACE: u32 = 0x20;
const NEWLINE: u32 = 0x0a;

export function p2m(pid: u32): i32 {
  for (let chunk: u32 = 0, count = chunkCount(memoryPlan()); chunk < count; chunk++) {
    putDecimal(chunk);
    putByte(SPACE);
    putDecimal(machineChunk(chunk));
    putByte(NEWLINE);
  }
  return 0;
}
