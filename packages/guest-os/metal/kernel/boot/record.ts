import {
  CHUNK_SIZE, INTERFACE_VERSION, KernelRecord, SHARED_PAGE, SharedPage, ZONE_BASE,
} from "@mercury/abi/metal";
import { commandLine, hasWord, optionIs } from "./command-line";
import { machineOf } from "../mm/machine";
import { MemoryPlan } from "./plan";
import {
  flagThunkCount, flagThunkStarts, flagThunksEnd, flagThunksStart, hypercallThunksEnd, hypercallThunksStart, imageTextEnd, imageTextStart,
  kernelRecordAddress, nativeGdt, nativeGdtDescriptor, nativeIdtDescriptor, nativeTaskState, siteCount, siteTable,
} from "./symbols";
import { cstr } from "@mercury/toolchain/metal";
import { strategyCount, strategyName } from "mercury:switch";

/** 'MCRK' */
const MAGIC: u32 = 0x4b52_434d;

/** What the boot path tells the VMM, and the kernel itself later. */
// @ts-ignore: decorator
@inline export function kernelRecord(): KernelRecord {
  return changetype<KernelRecord>(kernelRecordAddress());
}

/** Fills the record; the trap table comes with loadTraps. */
export function fillRecord(plan: MemoryPlan): void {
  const record = kernelRecord();
  record.magic = MAGIC;
  record.interfaceVersion = INTERFACE_VERSION;
  record.taskState = <u32>nativeTaskState();
  record.gdt = <u32>nativeGdt();
  record.gdtDescriptor = <u32>nativeGdtDescriptor();
  record.idtDescriptor = <u32>nativeIdtDescriptor();
  record.masterDirectory = <u32>machineOf(ZONE_BASE);
  record.zoneFrames = plan.zoneFrames;
  record.memoryEnd = <u32>plan.memoryEnd;
  record.vmmReserve = plan.reserve == 0 ? 0 : <u32>machineOf(plan.reserve);
  record.vmmReserveSize = plan.reserve == 0 ? 0 : <u32>CHUNK_SIZE;
  record.textStart = <u32>imageTextStart();
  record.textEnd = <u32>imageTextEnd();
  record.siteTable = <u32>siteTable();
  record.siteCount = <u32>siteCount();
  record.flagThunksStart = <u32>flagThunksStart();
  record.flagThunksEnd = <u32>flagThunksEnd();
  record.hypercallThunksStart = <u32>hypercallThunksStart();
  record.hypercallThunksEnd = <u32>hypercallThunksEnd();
  record.flagThunkStarts = <u32>flagThunkStarts();
  record.flagThunkCount = <u32>flagThunkCount();
  record.strategy = chosenStrategy();
  record.commandLine = <u32>commandLine();
}

/** The strategy that `switch=` names; the first without a word, and for a name that the switch does not have. */
function chosenStrategy(): u32 {
  for (let strategy: u32 = 0, count = strategyCount(); strategy < count; strategy++) {
    if (optionIs(cstr`switch`, strategyName(strategy))) return strategy;
  }
  return 0;
}

/** The shared page as a native kernel has it; the P2M is there already (chunks.ts). */
export function fillSharedPage(alwaysOn: bool): void {
  const page = changetype<SharedPage>(SHARED_PAGE);
  page.alwaysOn = alwaysOn ? 1 : 0;
  page.testImage = hasWord(cstr`inject`) ? 1 : 0;
}
