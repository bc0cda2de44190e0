import { GDT_COUNT, PAGE_SIZE, SLOT_DIRECT_MAP, TASK_STATE_SIZE } from "@mercury/abi/metal";
import { CHUNK_COUNT, chunkMap } from "./frames/chunks";
import { GATES_SIZE } from "./traps/idt";
import { constantsPage, doubleFaultTaskStateAddress, gdt, landingDirectory, taskStateAddress } from "./symbols";

const USER_HALF: usize = <usize>SLOT_DIRECT_MAP << 2;

/** Checksum of the dormant tables, as the warm-up left them and every detach leaves them again. */
let seal: u32 = 0;

/** A rotating sum over a multiple of 8 bytes, which notices a changed or moved word. Unrolled: it is a good part of what an attach executes. */
function addRange(sum: u32, at: usize, bytes: usize): u32 {
  const end = at + bytes;
  for (const last = end - 32; at <= last; at += 32) {
    sum = (sum + load<u32>(at)) ^ load<u32>(at, 4);
    sum = (sum + load<u32>(at, 8)) ^ load<u32>(at, 12);
    sum = rotl<u32>(sum, 5);
    sum = (sum + load<u32>(at, 16)) ^ load<u32>(at, 20);
    sum = (sum + load<u32>(at, 24)) ^ load<u32>(at, 28);
    sum = rotl<u32>(sum, 7);
  }
  for (; at < end; at += 8) sum = rotl<u32>((sum + load<u32>(at)) ^ load<u32>(at, 4), 3);
  return sum;
}

function checksum(): u32 {
  let sum = addRange(0, constantsPage(), GATES_SIZE);
  sum = addRange(sum, chunkMap(), CHUNK_COUNT);
  sum = addRange(sum, landingDirectory() + USER_HALF, PAGE_SIZE - USER_HALF);
  sum = addRange(sum, gdt(), <usize>(GDT_COUNT << 3));
  sum = addRange(sum, taskStateAddress(), TASK_STATE_SIZE);
  return addRange(sum, doubleFaultTaskStateAddress(), TASK_STATE_SIZE);
}

export function takeSeal(): void {
  seal = checksum();
}

/** Natively the VMM's text and constants are read-only, but nothing stops ring 0 for good: whether its tables are still as they were left. */
export function sealIntact(): bool {
  return checksum() == seal;
}
