import { EFAULT, SELECTOR_USER_CODE, SELECTOR_USER_DATA } from "@mercury/abi/metal";
import { loadSignalState, signalStateAt, storeSignalState } from "../fpu/signal-state";
import { resetFpu } from "../fpu/state";
import { copyFromUser, copyToUser } from "../mm/user-copy";
import { SA_RESTORER, SA_SIGINFO } from "../proc/signal-numbers";
import { SignalAction, setBlocked } from "../proc/signals";
import { Task } from "../sched/task";
import { loadUserSegments, readUserSegments } from "../sched/switch";
import { TrapFrame } from "./frame";

/**
 * Signal frames of Linux i386 (arch/x86/include/asm/sigframe.h, include/uapi/asm/sigcontext.h): the plain form, and the SA_SIGINFO form with siginfo
 * and ucontext. The FPU's state lies above the frame, and the context points to it (fpu/signal-state.ts).
 */

/** struct sigcontext_32 */
// @ts-ignore: decorator
@unmanaged export class SignalContext {
  gs: u32;
  fs: u32;
  es: u32;
  ds: u32;
  edi: u32;
  esi: u32;
  ebp: u32;
  esp: u32;
  ebx: u32;
  edx: u32;
  ecx: u32;
  eax: u32;
  trapNumber: u32;
  error: u32;
  eip: u32;
  cs: u32;
  eflags: u32;
  espAtSignal: u32;
  ss: u32;
  fpState: u32;
  oldMask: u32;
  cr2: u32;
}

/** Plain frame: return address, signal, context, 624 bytes that Linux once had the FPU's state in, high half of the mask, trampoline. */
const PLAIN_CONTEXT: usize = 8;
const PLAIN_MASK_HIGH: usize = 8 + 88 + 624;
const PLAIN_CODE: usize = PLAIN_MASK_HIGH + 4;
const PLAIN_SIZE: usize = PLAIN_CODE + 8;
/** SA_SIGINFO frame: return address, signal, two pointers, siginfo (128), ucontext {flags, link, stack (12), context, mask (8)}, trampoline. */
const INFO_SIGINFO: usize = 16;
const INFO_UCONTEXT: usize = 16 + 128;
const INFO_CONTEXT: usize = INFO_UCONTEXT + 20;
const INFO_MASK: usize = INFO_CONTEXT + 88;
const INFO_CODE: usize = INFO_MASK + 8;
const INFO_SIZE: usize = INFO_CODE + 8;

/** `pop eax; mov eax, 119; int 0x80` and `mov eax, 173; int 0x80`: sigreturn and rt_sigreturn. */
const PLAIN_TRAMPOLINE: u64 = 0x80cd_0000_0077_b858;
const INFO_TRAMPOLINE: u64 = 0x0080_cd00_0000_adb8;

/** EFLAGS that a program may set: AC RF OF DF TF SF ZF AF PF CF (Linux: FIX_EFLAGS). */
const USER_FLAGS: u32 = 0x0005_0dd5;
/** DF, TF, RF: clear in a handler. */
const HANDLER_CLEARS: u32 = 0x0001_0500;

/** The frame on its way; tasks do not sleep while they build one. */
const scratch: usize = memory.data(736, 8);

/** Puts a frame on the user's stack and points the registers at the handler: 0 or -EFAULT. */
export function pushSignalFrame(task: Task, frame: TrapFrame, signal: u32, action: SignalAction, mask: u64): i32 {
  const withInfo = (action.flags & SA_SIGINFO) != 0;
  const size = withInfo ? INFO_SIZE : PLAIN_SIZE;
  const fpState = signalStateAt(frame.esp);
  const top = fpState != 0 ? fpState : frame.esp;
  // At the handler's first instruction ESP + 4 is a multiple of 16, as after a call (System V i386 ABI).
  const at = <u32>((((<usize>top - size + 4) & ~15) - 4));
  memory.fill(scratch, 0, size);
  store<u32>(scratch + 4, signal);
  if (withInfo) buildInfo(task, frame, signal, at, mask, fpState);
  else buildPlain(task, frame, mask, fpState);
  const code = at + <u32>(withInfo ? INFO_CODE : PLAIN_CODE);
  store<u32>(scratch, (action.flags & SA_RESTORER) != 0 ? <u32>action.restorer : code);
  if (storeSignalState(fpState) != 0 || copyToUser(at, scratch, size) != 0) return -EFAULT;
  resetFpu();
  if (signal == task.faultSignal) task.faultSignal = 0;
  frame.esp = at;
  frame.eip = <u32>action.handler;
  frame.eax = signal;
  frame.edx = withInfo ? at + <u32>INFO_SIGINFO : 0;
  frame.ecx = withInfo ? at + <u32>INFO_UCONTEXT : 0;
  frame.eflags &= ~HANDLER_CLEARS;
  return 0;
}

function buildPlain(task: Task, frame: TrapFrame, mask: u64, fpState: u32): void {
  saveContext(task, frame, scratch + PLAIN_CONTEXT, mask, fpState);
  store<u32>(scratch + PLAIN_MASK_HIGH, <u32>(mask >> 32));
  store<u64>(scratch + PLAIN_CODE, PLAIN_TRAMPOLINE);
}

function buildInfo(task: Task, frame: TrapFrame, signal: u32, at: u32, mask: u64, fpState: u32): void {
  store<u32>(scratch + 8, at + <u32>INFO_SIGINFO);
  store<u32>(scratch + 12, at + <u32>INFO_UCONTEXT);
  // siginfo: signo, errno, code (0: SI_USER), then for a fault its address.
  store<u32>(scratch + INFO_SIGINFO, signal);
  if (signal == task.faultSignal) {
    store<u32>(scratch + INFO_SIGINFO + 8, task.faultSignalCode);
    store<u32>(scratch + INFO_SIGINFO + 12, task.faultAddress);
  }
  saveContext(task, frame, scratch + INFO_CONTEXT, mask, fpState);
  store<u64>(scratch + INFO_MASK, mask);
  store<u64>(scratch + INFO_CODE, INFO_TRAMPOLINE);
}

function saveContext(task: Task, frame: TrapFrame, at: usize, mask: u64, fpState: u32): void {
  const context = changetype<SignalContext>(at);
  const segments = readUserSegments();
  context.gs = segments >> 16;
  context.fs = segments & 0xffff;
  context.es = SELECTOR_USER_DATA;
  context.ds = SELECTOR_USER_DATA;
  context.edi = frame.edi;
  context.esi = frame.esi;
  context.ebp = frame.ebp;
  context.esp = frame.esp;
  context.ebx = frame.ebx;
  context.edx = frame.edx;
  context.ecx = frame.ecx;
  context.eax = frame.eax;
  context.trapNumber = task.faultVector;
  context.error = task.faultCode;
  context.eip = frame.eip;
  context.cs = frame.cs;
  context.eflags = frame.eflags;
  context.espAtSignal = frame.esp;
  context.ss = frame.ss;
  context.fpState = fpState;
  context.oldMask = <u32>mask;
  context.cr2 = task.faultAddress;
}

/** sigreturn: the trampoline has popped the return address and the signal. The result is the program's EAX. */
export function popPlainFrame(task: Task, frame: TrapFrame): i32 {
  const at = <usize>frame.esp - PLAIN_CONTEXT;
  if (copyFromUser(scratch, at, PLAIN_SIZE) != 0) return -EFAULT;
  const context = changetype<SignalContext>(scratch + PLAIN_CONTEXT);
  setBlocked(task, <u64>context.oldMask | (<u64>load<u32>(scratch + PLAIN_MASK_HIGH) << 32));
  return restoreContext(frame, context);
}

/** rt_sigreturn: only the return address is popped. */
export function popInfoFrame(task: Task, frame: TrapFrame): i32 {
  const at = <usize>frame.esp - 4;
  if (copyFromUser(scratch, at, INFO_SIZE) != 0) return -EFAULT;
  setBlocked(task, load<u64>(scratch + INFO_MASK));
  return restoreContext(frame, changetype<SignalContext>(scratch + INFO_CONTEXT));
}

/** Every register that a program may choose; the segments and flags that it may not are made what they must be. */
function restoreContext(frame: TrapFrame, context: SignalContext): i32 {
  if (loadSignalState(<usize>context.fpState) != 0) return -EFAULT;
  frame.edi = context.edi;
  frame.esi = context.esi;
  frame.ebp = context.ebp;
  frame.esp = context.esp;
  frame.ebx = context.ebx;
  frame.edx = context.edx;
  frame.ecx = context.ecx;
  frame.eip = context.eip;
  frame.cs = SELECTOR_USER_CODE;
  frame.ss = SELECTOR_USER_DATA;
  frame.eflags = (frame.eflags & ~USER_FLAGS) | (context.eflags & USER_FLAGS);
  loadUserSegments(userSelector(context.fs), userSelector(context.gs));
  // The call that the signal interrupted is not restarted again.
  frame.vector = 0;
  return context.eax;
}

/** A selector with ring 3, or null. */
function userSelector(selector: u32): u32 {
  return (selector & 0xfffc) == 0 ? 0 : (selector & 0xffff) | 3;
}
