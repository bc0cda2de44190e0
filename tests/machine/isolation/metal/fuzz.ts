import { HYPERCALL_IDLE, HYPERCALL_VERSION, TARGET_AUDIT } from "@mercury/abi/metal";
import { cstr, switchInterrupt } from "@mercury/toolchain/metal";
import { call, refusals } from "./fuzz-calls";
import { startTimer } from "./fuzz-events";
import { refill } from "./fuzz-values";
import { openConsole, powerOff } from "./machine";
import { below, oneIn, seed } from "./random";
import { endLine, print, printNumber } from "./report";
import { loadOwnTraps } from "./trap-table";
import { emptyZone } from "./user-space";

export { handleTrap } from "./traps";

/** Two words: the seed, and how many calls to make (image.ts). */
// @ts-ignore: decorator
@external("sym", "fuzzSettings") export declare function fuzzSettings(): usize;

/** Calls between two audits. */
const BATCH: u32 = 5000;
/** Idling takes a millisecond of machine time: once in so many calls of its number. */
const RARELY: u32 = 200;

let done: u32 = 0;
let audits: u32 = 0;

function fail(what: usize, detail: u32): void {
  print(cstr`FAILED after `);
  printNumber(done);
  print(what);
  printNumber(detail);
  endLine();
  powerOff();
}

function batch(): void {
  refill();
  for (let each: u32 = 0; each < BATCH; each++) {
    // Two numbers more than there are calls.
    let number = below(HYPERCALL_VERSION + 3);
    if (number == HYPERCALL_IDLE && !oneIn(RARELY)) number++;
    const wrong = call(number);
    done++;
    if (wrong != 0) fail(cstr` calls, the last of number `, number * 100 + wrong);
  }
  audits++;
  const finding = <u32>switchInterrupt(TARGET_AUDIT);
  if (finding != 0) fail(cstr` calls: the auditor finds `, finding);
}

/** A kernel in ring 1 that makes calls at random. */
export function main(): void {
  loadOwnTraps();
  openConsole();
  emptyZone();
  startTimer();
  seed(load<u32>(fuzzSettings()));
  const calls = load<u32>(fuzzSettings(), 4);
  while (done < calls) batch();
  endLine();
  printNumber(done);
  print(cstr` calls | `);
  printNumber(refusals);
  print(cstr` refused | `);
  printNumber(audits);
  print(cstr` audits agree`);
  endLine();
  powerOff();
}
