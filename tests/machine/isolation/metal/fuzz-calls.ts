import {
  EINVAL, EPERM, HYPERCALL_ACKNOWLEDGE_LINE, HYPERCALL_CLEAR_ENTRIES, HYPERCALL_DELIVER_EVENTS, HYPERCALL_EXCHANGE_ENTRY, HYPERCALL_FLUSH_PAGE,
  HYPERCALL_FORK_ENTRIES, HYPERCALL_IDLE, HYPERCALL_LOAD_SPACE, HYPERCALL_LOAD_TRAPS, HYPERCALL_MASK_LINE, HYPERCALL_PREPARE_DIRECTORY, HYPERCALL_READ_PORT,
  HYPERCALL_RELEASE_TABLE, HYPERCALL_RETURN_FROM_TRAP, HYPERCALL_SET_ENTRY, HYPERCALL_SET_KERNEL_STACK, HYPERCALL_SET_TLS, HYPERCALL_UNMASK_LINE,
  HYPERCALL_UPDATE_ENTRIES, HYPERCALL_VERSION, HYPERCALL_WRITE_CONSOLE, HYPERCALL_WRITE_PORT, INTERFACE_VERSION, SHARED_PAGE, SharedPage,
} from "@mercury/abi/metal";
import { hypercall } from "@mercury/toolchain/metal";
import { idleOnce } from "./fuzz-events";
import { any, count, directory, entry, pointer, table, value } from "./fuzz-values";
import { below, oneIn, random } from "./random";
import { loadOwnTraps } from "./trap-table";

// Each returns what is wrong with a call's outcome, 0 when nothing is.
export const UNKNOWN_ERROR: u32 = 1;
export const WRONG_VALUE: u32 = 2;
export const WRONG_FLAGS: u32 = 3;
export const NO_EVENT: u32 = 4;

/** For each call, the errors that its row of abi/tables/hypercalls.ts names, four bytes each (stubs/fuzz.ts). */
// @ts-ignore: decorator
@external("sym", "errorTable") export declare function errorTable(): usize;
/** Returns through a frame to the instruction behind it, and gives EFLAGS as they are there. */
// @ts-ignore: decorator
@external("asm", "returnThrough") export declare function returnThrough(flags: u32): u32;

/** IF; and what a return never brings: VM, NT, IOPL (SDM 1 3.4.3). */
const INTERRUPT: u32 = 0x200;
const NEVER: u32 = 0x27000;
/** TF: a return keeps it, and the next instruction would trap. */
const TRAP: u32 = 0x100;

/** How many calls were refused. */
export let refusals: u32 = 0;

function isListed(number: u32, error: u32): bool {
  const row = errorTable() + <usize>(number << 2);
  for (let index: usize = 0; index < 4; index++) if (error != 0 && <u32>load<u8>(row + index) == error) return true;
  return false;
}

/** A call whose result is 0 or one of its errors. */
function plain(number: u32, a: u32, b: u32, c: u32): u32 {
  const result = hypercall(number, a, b, c);
  if (result >= 0) return result == 0 ? 0 : WRONG_VALUE;
  refusals++;
  return isListed(number, <u32>-result) ? 0 : UNKNOWN_ERROR;
}

/** A trap table that is taken would be this kernel's end: its own comes back at once, and no event in between. */
function traps(): u32 {
  changetype<SharedPage>(SHARED_PAGE).virtualInterruptFlag = 0;
  const wrong = plain(HYPERCALL_LOAD_TRAPS, pointer(), count(256), 0);
  loadOwnTraps();
  return wrong;
}

/** The ports that the contract keeps from a domain (abi/docs/hypercalls.md, "Devices"). */
function controllerPort(port: u32): bool {
  // Of 20 to 3D and A0 to BD every other pair.
  const low = port >= 0xa0 ? port - 0x80 : port;
  if (low >= 0x20 && low <= 0x3d && (low & 2) == 0) return true;
  return port == 0x22 || port == 0x23 || port == 0x92 || port == 0x4d0 || port == 0x4d1;
}

/** What a port call must answer: 0 when it goes through. */
function portError(port: u32, bits: u32): i32 {
  if (bits != 8 && bits != 16 && bits != 32) return -EINVAL;
  const bytes = bits >> 3;
  if (port > 0x10000 - bytes) return -EINVAL;
  for (let each: u32 = 0; each < bytes; each++) if (controllerPort(port + each)) return -EPERM;
  return 0;
}

function width(): u32 {
  return oneIn(4) ? any() : 8 << below(3);
}

/** Any port is read; the value may be any, an error only where it must be. */
function read(): u32 {
  const port = oneIn(4) ? any() : oneIn(2) ? 0x1d + below(8) : random() & 0xffff;
  const bits = width();
  const expected = portError(port, bits);
  const result = hypercall(HYPERCALL_READ_PORT, port, bits, 0);
  if (expected == 0) return 0;
  refusals++;
  return result == expected ? 0 : WRONG_VALUE;
}

/** Writes go to the diagnostic port and to what must be refused: others switch off, reset or mute this machine. */
function write(): u32 {
  const port = oneIn(2) ? 0x80 : 0x1d + below(8);
  const bits = width();
  const expected = portError(port, bits);
  if (expected == 0 && port != 0x80) return 0;
  const result = hypercall(HYPERCALL_WRITE_PORT, port, expected == 0 ? 8 : bits, random());
  if (expected != 0) refusals++;
  return result == expected ? 0 : WRONG_VALUE;
}

/** Whatever lies there, but not much of it: each character waits for the serial line. */
function say(): u32 {
  return plain(HYPERCALL_WRITE_CONSOLE, pointer(), oneIn(64) ? 1 : oneIn(2) ? 0 : 257 + below(1024), 0);
}

/** A return to where it is: the virtual flag is the frame's IF, the real flags keep what is not the kernel's. */
function comeBack(): u32 {
  const flags = random() & ~TRAP;
  const found = returnThrough(flags);
  const kept = changetype<SharedPage>(SHARED_PAGE).virtualInterruptFlag;
  changetype<SharedPage>(SHARED_PAGE).virtualInterruptFlag = 0;
  return (found & NEVER) == 0 && (found & INTERRUPT) != 0 && kept == (flags & INTERRUPT) ? 0 : WRONG_FLAGS;
}

/** One call with arguments that fit it more or less. */
export function call(number: u32): u32 {
  switch (number) {
    case HYPERCALL_DELIVER_EVENTS: return plain(number, any(), any(), any());
    case HYPERCALL_RETURN_FROM_TRAP: return comeBack();
    case HYPERCALL_IDLE: return idleOnce() ? 0 : NO_EVENT;
    case HYPERCALL_LOAD_SPACE: return plain(number, directory(), any(), any());
    case HYPERCALL_FLUSH_PAGE: return plain(number, any(), any(), any());
    case HYPERCALL_SET_ENTRY:
    case HYPERCALL_EXCHANGE_ENTRY: return plain(number, entry(), value(), any());
    case HYPERCALL_UPDATE_ENTRIES: return plain(number, pointer(), count(1024), any());
    case HYPERCALL_CLEAR_ENTRIES: return plain(number, entry(), oneIn(4) ? 1024 : count(1024), any());
    case HYPERCALL_FORK_ENTRIES: return plain(number, entry(), entry(), count(1024));
    case HYPERCALL_PREPARE_DIRECTORY:
    case HYPERCALL_RELEASE_TABLE: return plain(number, table(), any(), any());
    case HYPERCALL_SET_KERNEL_STACK: return plain(number, any(), any(), any());
    case HYPERCALL_SET_TLS: return plain(number, oneIn(8) ? any() : below(4), any(), oneIn(2) ? random() : any());
    case HYPERCALL_LOAD_TRAPS: return traps();
    case HYPERCALL_READ_PORT: return read();
    case HYPERCALL_WRITE_PORT: return write();
    case HYPERCALL_MASK_LINE:
    case HYPERCALL_UNMASK_LINE:
    case HYPERCALL_ACKNOWLEDGE_LINE: return plain(number, oneIn(4) ? any() : below(18), any(), any());
    case HYPERCALL_WRITE_CONSOLE: return say();
    case HYPERCALL_VERSION: return hypercall(number, any(), any(), any()) == INTERFACE_VERSION ? 0 : WRONG_VALUE;
    default: return number <= HYPERCALL_VERSION ? plain(number, any(), any(), any()) : unknown(number);
  }
}

/** A number that no call has. */
function unknown(number: u32): u32 {
  refusals++;
  return hypercall(number, any(), any(), any()) == -EINVAL ? 0 : WRONG_VALUE;
}
