import { DIRECT_MAP_SIZE, KernelRecord } from "@mercury/abi/metal";

/** What warm-up copied from the kernel's record, so that a kernel in ring 1 cannot change it. */
export let masterDirectory: u32 = 0;
export let zoneFrames: u32 = 0;
export let memoryEnd: u32 = 0;
/** Bytes of RAM that the direct map shows. */
export let directMapped: u32 = 0;
export let reserve: u32 = 0;
export let reserveSize: u32 = 0;
export let textStart: u32 = 0;
export let textEnd: u32 = 0;
export let siteTable: u32 = 0;
export let siteCount: u32 = 0;
export let flagThunksStart: u32 = 0;
export let flagThunksEnd: u32 = 0;
export let hypercallThunksStart: u32 = 0;
export let hypercallThunksEnd: u32 = 0;
export let flagThunkStarts: u32 = 0;
export let flagThunkCount: u32 = 0;

export let nativeGdt: u32 = 0;
export let nativeGdtDescriptor: u32 = 0;
export let nativeIdtDescriptor: u32 = 0;
export let nativeTaskState: u32 = 0;

export function copyFacts(record: KernelRecord): void {
  masterDirectory = record.masterDirectory;
  zoneFrames = record.zoneFrames;
  memoryEnd = record.memoryEnd;
  directMapped = min<u32>(record.memoryEnd, <u32>DIRECT_MAP_SIZE);
  reserve = record.vmmReserve;
  reserveSize = record.vmmReserveSize;
  textStart = record.textStart;
  textEnd = record.textEnd;
  siteTable = record.siteTable;
  siteCount = record.siteCount;
  flagThunksStart = record.flagThunksStart;
  flagThunksEnd = record.flagThunksEnd;
  hypercallThunksStart = record.hypercallThunksStart;
  hypercallThunksEnd = record.hypercallThunksEnd;
  flagThunkStarts = record.flagThunkStarts;
  flagThunkCount = record.flagThunkCount;
  nativeGdt = record.gdt;
  nativeGdtDescriptor = record.gdtDescriptor;
  nativeIdtDescriptor = record.idtDescriptor;
  nativeTaskState = record.taskState;
}
