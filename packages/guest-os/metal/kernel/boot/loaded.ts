import { CHUNK_SIZE, KERNEL_LOAD_BASE } from "@mercury/abi/metal";
import { blobAt, blobTotal } from "./blobs";
import { MACHINE_CHUNKS } from "./chunks";
import { kernelImageLimit } from "./plan";

/** What of each chunk the loader has filled: the part that must go where the chunk goes. */
// @ts-ignore: decorator
@unmanaged export class Loaded {
  /** Offsets in the chunk; equal when nothing was loaded there. */
  start: u32;
  end: u32;
}

const table: usize = memory.data(512 * 8, 4);

export function loadedIn(chunk: u32): Loaded {
  return changetype<Loaded>(table + <usize>chunk * offsetof<Loaded>());
}

// @ts-ignore: decorator
@inline export function isLoaded(chunk: u32): bool {
  return loadedIn(chunk).end != 0;
}

/** The kernel's image and the blobs. */
export function findLoaded(): void {
  memory.fill(table, 0, MACHINE_CHUNKS * offsetof<Loaded>());
  addExtent(KERNEL_LOAD_BASE, kernelImageLimit());
  for (let index: u32 = 0; index < blobTotal(); index++) addExtent(blobAt(index).start, blobAt(index).end);
}

function addExtent(start: usize, end: usize): void {
  for (let at = start; at < end; ) {
    const chunk = <u32>(at / CHUNK_SIZE);
    const next = min<usize>(end, <usize>(chunk + 1) * CHUNK_SIZE);
    if (chunk < MACHINE_CHUNKS) widen(loadedIn(chunk), <u32>(at & (CHUNK_SIZE - 1)), <u32>((next - 1) & (CHUNK_SIZE - 1)) + 1);
    at = next;
  }
}

function widen(loaded: Loaded, start: u32, end: u32): void {
  loaded.start = loaded.end == 0 ? start : min<u32>(loaded.start, start);
  loaded.end = max<u32>(loaded.end, end);
}
