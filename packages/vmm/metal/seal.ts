import { GDT_COUNT, PAGE_SIZE, SLOT_DIRECT_MAP, TASK_STATE_SIZE } from "@mercury/abi/metal";
import { constantsPage, doubleFaultTaskStateAddress, gdt, landingDirectory, taskStateAddress } from "./symbols";

/** Gates and chunk map: what the constants page holds. */
const CONSTANTS_SIZE: usize = 3072;
const USER_HALF: usize = <usize>SLOT_DIRECT_MAP << 2;

/** Checksum of the dormant tables, as the warm-up left them and every detach leaves them again. */
let seal: u32 = 0;

/** A rotating sum over a multiple of 8 bytes. */
function addRange(sum: u32, at: usize, bytes: usize): u32 {
  for (const end = at + bytes; at < end; at += 8) sum = rotl<u32>(sum, 3) + load<u32>(at) + rotl<u32>(load<u32>(at, 4), 13);
  return sum;
}

function checksum(): u32 {
  let sum = addRange(0, constantsPage(), CONSTANTS_SIZE);
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
