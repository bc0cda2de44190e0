/** Signals: each one that is sent while none is pending arrives exactly once; a fault ends its process with the right signal; SIGCHLD comes. */
import { breakpoint, cstr, undefinedInstruction, volatileLoad32 } from "@mercury/toolchain/metal";
import { lost } from "./check";
import { close, exit, fork, parentId, pipe, read, sendSignal, signalAction, waitFor, write, yieldProcessor } from "../../lib/syscall";

const SIGILL: u32 = 4;
const SIGTRAP: u32 = 5;
const SIGUSR1: u32 = 10;
const SIGSEGV: u32 = 11;
const SIGCHLD: u32 = 17;
const SA_RESTART: u32 = 0x10000000;

// @ts-ignore: decorator
@external("sym", "onStressSignal") export declare function handlerAddress(): usize;

/** Arrivals by signal number: the handler and the rest of the program both touch them. */
const counts: usize = memory.data(4 * 32);
const action: usize = memory.data(20);
const ends: usize = memory.data(8);
const byte: usize = memory.data(4);
const status: usize = memory.data(4);

/** The handler: the signal's number is in eax, which is where our calling convention wants the first argument. */
export function onStressSignal(signal: u32): void {
  const cell = counts + (<usize>signal << 2);
  store<u32>(cell, load<u32>(cell) + 1);
}

function count(signal: u32): u32 {
  return volatileLoad32(counts + (<usize>signal << 2));
}

function install(signal: u32): void {
  memory.fill(action, 0, 20);
  store<usize>(action, handlerAddress());
  store<u32>(action + 4, SA_RESTART);
  signalAction(signal, action, 0);
}

export function signals(rounds: u32): bool {
  install(SIGUSR1);
  install(SIGCHLD);
  for (let round: u32 = 0; round < rounds; round++) {
    if (!handshake() || !fault(SIGSEGV) || !fault(SIGILL) || !fault(SIGTRAP)) return false;
  }
  return true;
}

/** A child sends, and waits through a pipe until the parent has counted; so no two are pending at once. */
function handshake(): bool {
  const total: u32 = 50;
  const before = count(SIGUSR1);
  const childrenBefore = count(SIGCHLD);
  if (pipe(ends) < 0) return lost(cstr`pipe`, 0, 1);
  const pid = fork();
  if (pid == 0) exit(sendAll(total));
  close(load<i32>(ends));
  for (let number: u32 = 1; number <= total; number++) {
    while (count(SIGUSR1) != before + number) {
      if (count(SIGUSR1) > before + number) return lost(cstr`signals`, number, count(SIGUSR1) - before);
      // The sender may need the processor.
      yieldProcessor();
    }
    if (write(load<i32>(ends + 4), byte, 1) != 1) return lost(cstr`write of the handshake`, 1, 0);
  }
  close(load<i32>(ends + 4));
  if (waitFor(pid, status, 0) != pid || load<u32>(status) != 0) return lost(cstr`the sender's status`, 0, load<u32>(status));
  if (count(SIGUSR1) != before + total) return lost(cstr`signals after the last one`, total, count(SIGUSR1) - before);
  return count(SIGCHLD) == childrenBefore + 1 || lost(cstr`SIGCHLD`, 1, count(SIGCHLD) - childrenBefore);
}

function sendAll(total: u32): i32 {
  close(load<i32>(ends + 4));
  const parent = parentId();
  for (let number: u32 = 0; number < total; number++) {
    if (sendSignal(parent, SIGUSR1) != 0) return 1;
    if (read(load<i32>(ends), byte, 1) != 1) return 2;
  }
  return 0;
}

function fault(signal: u32): bool {
  const pid = fork();
  if (pid == 0) {
    if (signal == SIGSEGV) volatileLoad32(16);
    else if (signal == SIGILL) undefinedInstruction();
    else breakpoint();
    exit(0);
  }
  if (waitFor(pid, status, 0) != pid) return lost(cstr`process that faults`, pid, 0);
  return (load<u32>(status) & 0x7f) == signal || lost(cstr`signal of a fault`, signal, load<u32>(status));
}
