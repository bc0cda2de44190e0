import { memoryMap, pageBits, selectors, structures, vectors } from "@mercury/abi";
import type { FakeMachine } from "./fake-machine.ts";

/** Where the kernel of these tests keeps its things. */
export const recordAddress: number = memoryMap.kernelDataBase + 0x1000;
export const kernelStackTop: number = memoryMap.kernelDataBase + 0x8000;
export const trapTableAddress: number = memoryMap.kernelDataBase + 0x2000;
export const nativeGdt: number = memoryMap.kernelDataBase + 0x3000;
export const nativeTaskState: number = memoryMap.kernelDataBase + 0x3200;
const siteTable = memoryMap.kernelDataBase + 0x9000;
const thunkStarts = memoryMap.kernelDataBase + 0x2800;
export const flagThunks: number = memoryMap.kernelTextBase + 0x8000;
export const hypercallThunks: number = flagThunks + 64;
const lines = Array.from({ length: 16 }, (_, line) => vectors.irqBase + line);
/** Vectors that the kernel has handlers for. */
export const trapVectors: readonly number[] = [vectors.generalProtection, vectors.pageFault, ...lines, vectors.systemCall];
const reservePages = memoryMap.chunkSize / memoryMap.pageSize;

export interface FakeOptions {
  readonly memoryBytes: number;
  /** Machine chunk of each pseudo-physical chunk; the identity unless given. */
  readonly machineChunks?: (chunk: number) => number;
  /** The kernel's sites; none unless given. */
  readonly sites?: readonly FakeSite[];
  /** Fields of the kernel's record that shall be wrong. */
  readonly record?: Readonly<Record<string, number>>;
}

/** A site with its two bodies, 4 to 8 bytes each; the native one stands in the text. */
export interface FakeSite {
  readonly address: number;
  readonly native: readonly number[];
  readonly virtual: readonly number[];
}

/** What the boot path of a kernel leaves in memory, and its record, before it calls the warm-up. */
export function layKernel(machine: FakeMachine, options: FakeOptions): void {
  layMaster(machine, options);
  for (let page = 0; page < reservePages; page++) machine.write(memoryMap.vmmBase + memoryMap.chunkSize - memoryMap.pageSize + page * 4, 3);
  const chunks = options.memoryBytes / memoryMap.chunkSize;
  for (let chunk = 0; chunk < 512; chunk++) {
    const place = chunk < chunks ? machine.machineOf(chunk * memoryMap.chunkSize) / memoryMap.chunkSize : 0xffff;
    machine.write16(memoryMap.sharedPage + machine.offset("sharedPage", "machineChunk") + chunk * 2, place);
  }
  layTraps(machine);
  layThunks(machine);
  laySites(machine, options);
  machine.write(nativeGdt + (selectors.userData & ~7) + 4, 0x00cf_f200);
  layRecord(machine, options);
}

function layRecord(machine: FakeMachine, options: FakeOptions): void {
  const chunkSize: number = memoryMap.chunkSize;
  const record: Record<string, number> = {
    magic: 0x4b52_434d,
    interfaceVersion: 1,
    masterDirectory: machine.machineOf(memoryMap.zoneBase),
    zoneFrames: machine.zoneFrames,
    memoryEnd: options.memoryBytes,
    vmmReserve: machine.reserve,
    vmmReserveSize: chunkSize,
    trapTable: trapTableAddress,
    trapCount: trapVectors.length,
    textStart: memoryMap.kernelTextBase,
    textEnd: memoryMap.kernelTextBase + 0x1_0000,
    siteTable,
    siteCount: options.sites?.length ?? 0,
    flagThunksStart: flagThunks,
    flagThunksEnd: flagThunks + 64,
    flagThunkStarts: thunkStarts,
    flagThunkCount: 2,
    hypercallThunksStart: hypercallThunks,
    hypercallThunksEnd: hypercallThunks + 32,
    gdt: nativeGdt,
    taskState: nativeTaskState,
    ...options.record,
  };
  for (const [name, value] of Object.entries(record)) machine.write(recordAddress + machine.offset("kernelRecord", name), value);
}

/** Rows of trapEntry: vector, privilege, keepsInterrupts; then the handler. */
function layTraps(machine: FakeMachine): void {
  trapVectors.forEach((vector, row) => {
    machine.write(trapTableAddress + row * 8, vector === vectors.systemCall ? vector | 0x0001_0300 : vector);
    machine.write(trapTableAddress + row * 8 + 4, machine.handlerOf(vector));
  });
}

/** Two flag thunks of 32 bytes; one hypercall thunk whose INT ends after 10 bytes. */
function layThunks(machine: FakeMachine): void {
  machine.flagThunks.forEach((start, index) => machine.write(thunkStarts + index * 4, start));
  machine.bytes(hypercallThunks + 8, 2).set([0xcd, vectors.hypercall]);
}

/** Records of siteRecord: a body is its first four bytes and its last four. */
function laySites(machine: FakeMachine, options: FakeOptions): void {
  options.sites?.forEach(({ address, native, virtual }, number) => {
    const at = siteTable + number * structures.siteRecord.size;
    machine.bytes(address, native.length).set(native);
    machine.write(at, address);
    machine.write16(at + 4, native.length);
    [native, virtual].forEach((body, form) => {
      machine.bytes(at + 8 + form * 8, 4).set(body.slice(0, 4));
      machine.bytes(at + 12 + form * 8, 4).set(body.slice(-4));
    });
  });
}

function layMaster(machine: FakeMachine, options: FakeOptions): void {
  const master = memoryMap.directMapBase + memoryMap.zoneBase;
  const { present, writable, large, global } = pageBits;
  for (let chunk = 0; chunk < options.memoryBytes / memoryMap.chunkSize; chunk++) {
    machine.write(
      master + (memoryMap.directMapBase / memoryMap.chunkSize + chunk) * 4,
      machine.machineOf(chunk * memoryMap.chunkSize) | present | writable | large | global,
    );
  }
  machine.write(
    master + (memoryMap.vmmBase / memoryMap.chunkSize) * 4,
    (machine.reserve + memoryMap.chunkSize - memoryMap.pageSize) | present | writable,
  );
  for (let table = 0; table < 48; table++) {
    machine.write(
      master + (memoryMap.leafAreaBase / memoryMap.chunkSize + table) * 4,
      machine.tableMachine(1 + table) | present | writable,
    );
  }
}
