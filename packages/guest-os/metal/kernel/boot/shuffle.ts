import { CHUNK_SIZE, DIRECT_MAP_SIZE, KERNEL_LOAD_BASE, PAGE_LARGE, PAGE_PRESENT, PAGE_WRITABLE, SLOT_DIRECT_MAP } from "@mercury/abi/metal";
import { cstr } from "@mercury/toolchain/metal";
import { print, printDecimal } from "../dev/print";
import { linear, physical } from "../mm/frames";
import { machineOf } from "../mm/machine";
import { chunkCount, machineChunk } from "./chunks";
import { findLoaded, isLoaded, loadedIn } from "./loaded";
import { choosePermutation } from "./permutation";
import { MemoryPlan, kernelImageLimit, memoryPlan } from "./plan";
import { moveUsableRanges } from "./ranges";
import { bootDirectory, shuffledDirectory } from "./symbols";

/**
 * `shuffle=SEED`: permutes the machine's chunks under the pseudo-physical ones before anything else is built, and moves what was loaded.
 * Everything after it runs in the same linear and pseudo-physical addresses as ever, over other machine frames.
 */

const LARGE: u32 = PAGE_PRESENT | PAGE_WRITABLE | PAGE_LARGE;
/** INT3 in every byte: what is read or run at an address of the wrong kind shows. */
const WIPED: u8 = 0xcc;
/** Set in a table of bytes when a chunk's contents have been moved. */
const moved: usize = memory.data(512);

/**
 * moveImage(to, bytes, directory): copies the kernel's image, stack and all, to linear address `to` and loads CR3 with nothing written in
 * between (stubs/boot.ts).
 */
// @ts-ignore: decorator
@external("asm", "moveImage") export declare function moveImage(to: usize, bytes: usize, directory: u32): void;

/** The provisional directory is loaded, whose lower half is the machine's memory; afterwards there is the direct map alone. False when no order is possible. */
export function shuffleMemory(plan: MemoryPlan, seed: u32): bool {
  findLoaded();
  if (!choosePermutation(plan, seed)) return false;
  const chunks = chunkCount(plan);
  moveUsableRanges(chunks);
  showMachine(chunks);
  moveContents(chunks);
  buildDirectory(chunks);
  const image = machineOf(KERNEL_LOAD_BASE);
  moveImage(image, kernelImageLimit() - KERNEL_LOAD_BASE, <u32>machineOf(physical(shuffledDirectory())));
  wipeOldPlaces(chunks);
  return true;
}

/** The machine's chunks at linear addresses equal to theirs: all of them, user space has room for 2.75 GB. */
function showMachine(chunks: u32): void {
  for (let chunk: u32 = 0; chunk < chunks; chunk++) store<u32>(bootDirectory() + (<usize>chunk << 2), (chunk << 22) | LARGE);
}

/** A chunk goes when nothing that has still to go lies where it goes; there is no circle of such chunks (permutation.ts). */
function moveContents(chunks: u32): void {
  memory.fill(moved, 0, chunks);
  for (let left = true; left; ) {
    left = false;
    for (let chunk: u32 = 0; chunk < chunks; chunk++) {
      if (!isLoaded(chunk) || load<u8>(moved + chunk) != 0) continue;
      const to = machineChunk(chunk);
      if (isLoaded(to) && load<u8>(moved + to) == 0) left = true;
      else moveChunk(chunk, to);
    }
  }
}

function moveChunk(chunk: u32, to: u32): void {
  const loaded = loadedIn(chunk);
  memory.copy((<usize>to << 22) + loaded.start, (<usize>chunk << 22) + loaded.start, loaded.end - loaded.start);
  store<u8>(moved + chunk, 1);
}

/** The direct map over the new order, in a page of the image that goes with it. */
function buildDirectory(chunks: u32): void {
  const mapped = min<u32>(chunks, <u32>(DIRECT_MAP_SIZE / CHUNK_SIZE));
  for (let chunk: u32 = 0; chunk < mapped; chunk++) {
    store<u32>(shuffledDirectory() + (<usize>(SLOT_DIRECT_MAP + chunk) << 2), (machineChunk(chunk) << 22) | LARGE);
  }
}

/** The old copies, as far as nothing else has been loaded over them: no stale one may be taken for the true one. */
function wipeOldPlaces(chunks: u32): void {
  const mapped = min<u32>(chunks, <u32>(DIRECT_MAP_SIZE / CHUNK_SIZE));
  for (let chunk: u32 = 0; chunk < mapped; chunk++) {
    const old = machineChunk(chunk);
    if (isLoaded(chunk) || !isLoaded(old)) continue;
    memory.fill(linear(<usize>chunk << 22) + loadedIn(old).start, WIPED, loadedIn(old).end - loadedIn(old).start);
  }
}

/** Says on the console that frames are not what they seem. */
export function tellShuffle(): void {
  const count = chunkCount(memoryPlan());
  let displaced: u32 = 0;
  for (let chunk: u32 = 0; chunk < count; chunk++) displaced += u32(machineChunk(chunk) != chunk);
  if (displaced == 0) return;
  print(cstr`mercury: shuffled, `);
  printDecimal(displaced);
  print(cstr` of `);
  printDecimal(count);
  print(cstr` chunks of memory lie elsewhere\n`);
}
