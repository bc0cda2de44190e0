import { HYPERCALL_SET_TLS, HYPERCALL_WRITE_CONSOLE, SHARED_PAGE, SharedPage, VECTOR_SYSTEM_CALL } from "@mercury/abi/metal";
import { cstr, hypercall } from "@mercury/toolchain/metal";
import { takeEvent } from "./fuzz-events";
import { ProbeContext, context } from "./context";
import { endLine, print, printHex, printNumber } from "./report";
import { powerOff } from "./machine";

/** What the entries leave on the stack (stubs/traps.ts): PUSHA, then vector, error code and the processor's frame. */
// @ts-ignore: decorator
@unmanaged export class TrapFrame {
  edi: u32; esi: u32; ebp: u32; unused: u32; ebx: u32; edx: u32; ecx: u32; eax: u32;
  vector: u32; error: u32; eip: u32; cs: u32; flags: u32; esp: u32; ss: u32;
}

// @ts-ignore: decorator
@external("asm", "resumeKernel") export declare function resumeKernel(eip: u32, esp: u32): void;
// @ts-ignore: decorator
@external("asm", "resumeUser") export declare function resumeUser(eip: u32, esp: u32): void;
// @ts-ignore: decorator
@external("asm", "leaveUser") export declare function leaveUser(): void;

// System calls of the hostile program (stubs/program.ts).
const INTRODUCE: u32 = 1;
const SAY: u32 = 2;
const SET_SLOT: u32 = 3;
const DONE: u32 = 4;
const PROBED_SLOT: u32 = 1;
/** IF, which frames show as the kernel has set it; IRETD in ring 1 does not bring it back. */
const INTERRUPT: u32 = 0x200;

/** The program's probe context, 0 before it has introduced itself. */
let userContext: usize = 0;

function arrived(probe: ProbeContext, frame: TrapFrame): void {
  probe.armed = 0;
  probe.vector = frame.vector;
  probe.error = frame.error;
  probe.address = changetype<SharedPage>(SHARED_PAGE).faultAddress;
  probe.selector = frame.cs;
}

function systemCall(frame: TrapFrame): void {
  if (frame.eax == INTRODUCE) userContext = <usize>frame.ebx;
  else if (frame.eax == SAY) sayForUser(<usize>frame.ebx, frame.ecx);
  else if (frame.eax == SET_SLOT) frame.eax = <u32>hypercall(HYPERCALL_SET_TLS, PROBED_SLOT, frame.ebx, frame.ecx);
  else if (frame.eax == DONE) leaveUser();
}

const text: usize = memory.data(256);

/** The VMM takes text only from the direct map. */
function sayForUser(from: usize, length: u32): void {
  memory.copy(text, from, <usize>length);
  hypercall(HYPERCALL_WRITE_CONSOLE, <u32>text, length, 0);
}

/** Every trap of both rings. One of a probe goes on where the probe says; a system call is answered; anything else ends the run. */
export function handleTrap(at: usize): void {
  const frame = changetype<TrapFrame>(at);
  if (context().armed != 0) {
    arrived(context(), frame);
    return resumeKernel(context().resume, context().stack);
  }
  if (userContext != 0 && changetype<ProbeContext>(userContext).armed != 0) {
    const probe = changetype<ProbeContext>(userContext);
    arrived(probe, frame);
    return resumeUser(probe.resume, probe.stack);
  }
  if (frame.vector == VECTOR_SYSTEM_CALL) return systemCall(frame);
  if (takeEvent(frame.vector)) {
    changetype<SharedPage>(SHARED_PAGE).virtualInterruptFlag = frame.flags & INTERRUPT;
    return;
  }
  print(cstr`UNEXPECTED vector `);
  printNumber(frame.vector);
  print(cstr` at `);
  printHex(frame.eip);
  endLine();
  powerOff();
}
