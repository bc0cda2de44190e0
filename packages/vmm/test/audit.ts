import { memoryMap, pageBits } from "@mercury/abi";
import type { FakeMachine } from "./fake-machine.ts";

const typeLeaf = 1;
const typeDirectory = 2;
const { present, writable, large, global } = pageBits;
const userSlots = memoryMap.directMapBase / memoryMap.chunkSize;

/** What a frame's record says; the epoch of the machine is that of the newest record. */
interface Typed {
  readonly frame: number;
  readonly type: number;
  readonly hooks: number;
}

function typedFrames(machine: FakeMachine): readonly Typed[] {
  const records = Array.from({ length: machine.zoneFrames }, (_, frame) => ({ frame, ...machine.record(frame) }));
  const epoch = Math.max(...records.map((record) => record.epoch));
  return records.filter((record) => record.epoch === epoch && record.type !== 0);
}

/**
 * Every rule of page types, counted from scratch by other code than the VMM's: one sentence for each violation.
 * `leafArea`: tables of the leaf area that the landing directory names count as hooked once.
 */
export function audit(machine: FakeMachine): readonly string[] {
  const typed = typedFrames(machine);
  const leaves = new Map(typed.filter(({ type }) => type === typeLeaf).map((record) => [machine.tableMachine(record.frame), record]));
  const hooks = new Map<number, number>();
  const wrong: string[] = [];
  for (const { frame, type } of typed) {
    const at = machine.tableAt(frame);
    if (type === typeLeaf) wrong.push(...illegalEntries(machine, at));
    if (type !== typeDirectory) continue;
    wrong.push(...changedKernelHalf(machine, at));
    for (let slot = 0; slot < userSlots; slot++) note(machine.read(at + slot * 4), hooks, leaves, wrong, `directory ${frame} slot ${slot}`);
  }
  for (let slot = memoryMap.leafAreaBase / memoryMap.chunkSize; slot < memoryMap.leafAreaEnd / memoryMap.chunkSize; slot++)
    note(machine.read(machine.landing + slot * 4), hooks, leaves, wrong, `landing slot ${slot}`);
  for (const [address, { frame, hooks: counted }] of leaves) {
    const found = hooks.get(address) ?? 0;
    if (found !== counted) wrong.push(`leaf ${frame} counts ${counted} hooks, ${found} slots name it`);
  }
  return wrong;
}

function note(slot: number, hooks: Map<number, number>, leaves: ReadonlyMap<number, Typed>, wrong: string[], where: string): void {
  if ((slot & present) === 0) return;
  const address = (slot & ~0xfff) >>> 0;
  if ((slot & large) !== 0 || !leaves.has(address)) wrong.push(`${where} names ${address.toString(16)}, which is no validated leaf`);
  hooks.set(address, (hooks.get(address) ?? 0) + 1);
}

function illegalEntries(machine: FakeMachine, table: number): readonly string[] {
  const wrong: string[] = [];
  const zone = (address: number): boolean =>
    address >= memoryMap.zoneBase && address < memoryMap.zoneBase + machine.zoneFrames * memoryMap.pageSize;
  for (let index = 0; index < 1024; index++) {
    const entry = machine.read(table + index * 4);
    if ((entry & present) === 0) continue;
    const address = machine.pseudoOf((entry & ~0xfff) >>> 0);
    const reserve = address >= machine.reserve && address < machine.reserve + memoryMap.chunkSize;
    if ((entry & (large | global)) !== 0 || reserve || (zone(address) && (entry & writable) !== 0))
      wrong.push(`entry ${index} of the leaf at ${table.toString(16)} is ${entry.toString(16)}`);
  }
  return wrong;
}

function changedKernelHalf(machine: FakeMachine, directory: number): readonly string[] {
  const wrong: string[] = [];
  for (let slot = userSlots; slot < 1024; slot++) {
    const here = machine.read(directory + slot * 4);
    const landing = machine.read(machine.landing + slot * 4);
    const leafArea = slot >= memoryMap.leafAreaBase / memoryMap.chunkSize && slot < memoryMap.leafAreaEnd / memoryMap.chunkSize;
    if (here !== landing && !(leafArea && here === 0))
      wrong.push(`kernel slot ${slot} of ${directory.toString(16)} is ${here.toString(16)}`);
  }
  return wrong;
}
