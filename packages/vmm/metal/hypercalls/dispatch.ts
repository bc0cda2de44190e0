import {
  EINVAL, HYPERCALL_CLEAR_ENTRIES, HYPERCALL_EXCHANGE_ENTRY, HYPERCALL_FORK_ENTRIES, HYPERCALL_PREPARE_DIRECTORY, HYPERCALL_READ_PORT,
  HYPERCALL_RELEASE_TABLE, HYPERCALL_RETURN_FROM_TRAP, HYPERCALL_SET_ENTRY, HYPERCALL_UPDATE_ENTRIES, SHARED_PAGE, SHARED_PAGE_STATS,
  SWITCH_STATS_HYPERCALLS, VmmFrame,
} from "@mercury/abi/metal";
import { stats } from "../domains/first";
import { deliverPending } from "../events/deliver";
import { pendingLines } from "../events/lines";
import { virtualFlag } from "../events/virtual-flag";
import { allowTableWrites, forbidTableWrites } from "../tables/protection";
import { writeConsole, version } from "./console";
import { clearEntries, exchangeEntry, forkEntries, prepareDirectory, releaseTable, setEntry, updateEntries } from "./entries";
import { deliverEvents, idle } from "./events";
import { acknowledgeLine, maskLine, unmaskLine } from "./lines";
import { readPort, writePort } from "./ports";
import { returnFromTrap } from "./return-from-trap";
import { flushPage, flushSpace, loadSpace } from "./space";
import { loadTraps, setKernelStack, setTls } from "./thread";

/** By number, as abi/tables/hypercalls.ts has them (dispatch.test.ts compares). */
const handlers: StaticArray<(frame: VmmFrame) => i32> = [
  deliverEvents, returnFromTrap, idle, loadSpace, flushPage, flushSpace, setEntry, exchangeEntry, updateEntries, clearEntries, forkEntries,
  prepareDirectory, releaseTable, setKernelStack, setTls, loadTraps, readPort, writePort, maskLine, unmaskLine, acknowledgeLine, writeConsole,
  version,
];

/** Calls whose result is a value, whatever its top bit: what a port held, what EAX of the trap frame held. */
const VALUES: u32 = (1 << HYPERCALL_READ_PORT) | (1 << HYPERCALL_RETURN_FROM_TRAP);

/** Calls that write page tables: CR0.WP is clear once around each, however many entries it writes. */
const TABLE_WRITERS: u32 = (1 << HYPERCALL_SET_ENTRY) | (1 << HYPERCALL_EXCHANGE_ENTRY) | (1 << HYPERCALL_UPDATE_ENTRIES)
  | (1 << HYPERCALL_CLEAR_ENTRIES) | (1 << HYPERCALL_FORK_ENTRIES) | (1 << HYPERCALL_PREPARE_DIRECTORY) | (1 << HYPERCALL_RELEASE_TABLE);

// @ts-ignore: decorator
@inline export function isIn(set: u32, number: u32): bool {
  return ((set >> number) & 1) != 0;
}

function callWriting(number: u32, frame: VmmFrame): i32 {
  allowTableWrites();
  const result = unchecked(handlers[number])(frame);
  forbidTableWrites();
  return result;
}

/** INT 82 from ring 1 (stubs/entry.ts): the result in EAX, then what is pending, as if it had come right behind the instruction. */
export function handleHypercall(at: usize): void {
  const frame = changetype<VmmFrame>(at);
  const number = frame.eax;
  if (number >= <u32>handlers.length) {
    frame.eax = <u32>-EINVAL;
    return;
  }
  count(number);
  const result = isIn(TABLE_WRITERS, number) ? callWriting(number, frame) : unchecked(handlers[number])(frame);
  if (result < 0 && !isIn(VALUES, number)) stats().killed++;
  frame.eax = <u32>result;
  if (pendingLines() != 0 && virtualFlag() != 0) deliverPending(frame);
}

function count(number: u32): void {
  const at = SHARED_PAGE + <usize>(SHARED_PAGE_STATS + SWITCH_STATS_HYPERCALLS + (number << 2));
  store<u32>(at, load<u32>(at) + 1);
}
