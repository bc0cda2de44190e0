import {
  CHUNK_SIZE, INTERFACE_VERSION, KernelRecord, PAGE_SIZE, SHARED_PAGE, SHARED_PAGE_MACHINE_CHUNK, ZONE_BASE,
} from "@mercury/abi/metal";
import * as symbols from "./symbols";

/** 'MCRK' */
const MAGIC: u32 = 0x4b52_434d;
/** Entries of sharedPage.machineChunk, and one for a chunk that is not there. */
const MACHINE_CHUNKS: u32 = 512;
const NO_CHUNK: u16 = 0xffff;

/** Pseudo-physical is machine: this kernel never runs on permuted frames. */
export function fillSharedPage(memoryEnd: usize): void {
  for (let chunk: u32 = 0; chunk < MACHINE_CHUNKS; chunk++) {
    const exists = <usize>chunk * CHUNK_SIZE < memoryEnd;
    store<u16>(SHARED_PAGE + SHARED_PAGE_MACHINE_CHUNK + <usize>(chunk << 1), exists ? <u16>chunk : NO_CHUNK);
  }
}

/** What the VMM has to know; the trap table comes with loadTraps. */
export function fillRecord(memoryEnd: usize, reserve: usize): void {
  const record = changetype<KernelRecord>(symbols.kernelRecord());
  record.magic = MAGIC;
  record.interfaceVersion = INTERFACE_VERSION;
  record.taskState = <u32>symbols.taskState();
  record.gdt = <u32>symbols.gdt();
  record.gdtDescriptor = <u32>symbols.gdtDescriptor();
  record.idtDescriptor = <u32>symbols.idtDescriptor();
  record.masterDirectory = <u32>ZONE_BASE;
  record.zoneFrames = <u32>(CHUNK_SIZE / PAGE_SIZE);
  record.memoryEnd = <u32>memoryEnd;
  record.vmmReserve = <u32>reserve;
  record.vmmReserveSize = reserve == 0 ? 0 : <u32>CHUNK_SIZE;
  record.textStart = <u32>symbols.textStart();
  record.textEnd = <u32>symbols.textEnd();
  record.siteTable = <u32>symbols.siteTable();
  record.siteCount = <u32>symbols.siteCount();
  record.flagThunksStart = <u32>symbols.flagThunksStart();
  record.flagThunksEnd = <u32>symbols.flagThunksEnd();
  record.hypercallThunksStart = <u32>symbols.hypercallThunksStart();
  record.hypercallThunksEnd = <u32>symbols.hypercallThunksEnd();
  record.flagThunkStarts = <u32>symbols.flagThunkStarts();
  record.flagThunkCount = <u32>symbols.flagThunkCount();
  record.commandLine = <u32>symbols.commandLine();
}
