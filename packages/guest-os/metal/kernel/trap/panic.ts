import { disableInterrupts, idle, out8 } from "mercury:vo";
import { cstr } from "@mercury/toolchain/metal";
import { drainConsole, print, printDecimal, printHex } from "../dev/print";
import { current } from "../sched/task";
import { TrapFrame, fromUser } from "./frame";

/** The end after a fault of the kernel itself: says what and where on the console, then ends the machine. */

const DEBUG_EXIT: u32 = 0xf4;
/** Exit code of a panic (interfaces.md: 101). */
const PANIC_CODE: u32 = 101;

/** Ends the machine with a reason; does not return. */
export function panic(reason: usize): void {
  begin(reason);
  finish();
}

/** As panic, with the registers of the trap that led here and the address that it was about. */
export function panicAt(frame: TrapFrame, reason: usize, address: u32): void {
  begin(reason);
  register(cstr`vector `, frame.vector);
  register(cstr` error `, frame.error);
  register(cstr` address `, address);
  register(cstr`\neip `, frame.eip);
  register(cstr` cs `, frame.cs);
  register(cstr` eflags `, frame.eflags);
  // A trap from the kernel has no stack pointer in its frame: it is where the frame ends.
  register(cstr` esp `, fromUser(frame) ? frame.esp : <u32>(changetype<usize>(frame) + offsetof<TrapFrame>("esp")));
  register(cstr`\neax `, frame.eax);
  register(cstr` ebx `, frame.ebx);
  register(cstr` ecx `, frame.ecx);
  register(cstr` edx `, frame.edx);
  register(cstr`\nesi `, frame.esi);
  register(cstr` edi `, frame.edi);
  register(cstr` ebp `, frame.ebp);
  print(cstr`\n`);
  finish();
}

function begin(reason: usize): void {
  disableInterrupts();
  print(cstr`\nmercury: panic: `);
  print(reason);
  const task = current();
  if (changetype<usize>(task) != 0) {
    print(cstr` (pid `);
    printDecimal(task.pid);
    print(cstr`)`);
  }
  print(cstr`\n`);
}

function register(name: usize, value: u32): void {
  print(name);
  printHex(value);
}

function finish(): void {
  drainConsole();
  out8(DEBUG_EXIT, PANIC_CODE);
  while (true) {
    // A machine without the debug-exit device stays here, for someone to read.
    idle();
    disableInterrupts();
  }
}
