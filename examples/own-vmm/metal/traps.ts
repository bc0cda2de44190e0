import {
  SELECTOR_KERNEL_CODE_RING1, SELECTOR_KERNEL_DATA_RING1, VECTOR_HYPERCALL, VECTOR_IRQ_BASE, VECTOR_PAGE_FAULT, VmmFrame,
} from "@mercury/abi/metal";
import { INTERRUPT_FLAG, kernelRecord, sharedPage, taskState, trapOf } from "./domain";
import { deliverLine, pendingLines, takeLine } from "./lines";
import { halt, out8, readCr2 } from "./machine";

/** Vectors with an error code (SDM 3A 6.15): 8, 10 to 14 and 17. */
const WITH_ERROR: u32 = (1 << 8) | (0x1f << 10) | (1 << 17);
/** TF, NT, RF and VM are cleared on the way into a handler (SDM 3A 6.12.1.2). */
const ENTRY_CLEARS: u32 = 0x34100;
/** INT imm8 (SDM 2A INT n) with the hypercall's vector, as a word in memory. */
const HYPERCALL_BYTES: u32 = 0xcd | (VECTOR_HYPERCALL << 8);
/** isa-debug-exit, and the byte that says: a fault inside the VMM. */
const EXIT_PORT: u32 = 0xf4;
const OWN_FAULT: u32 = 103;

/** Every exception is the kernel's own. One in ring 0 can only be this VMM's. */
export function handleException(at: usize): void {
  const frame = changetype<VmmFrame>(at);
  if ((frame.cs & 3) == 0) stop();
  if (frame.vector == VECTOR_PAGE_FAULT) sharedPage().faultAddress = readCr2();
  forward(frame, frame.vector, ((WITH_ERROR >> frame.vector) & 1) != 0);
}

/** This VMM cannot go on. Interrupts are off: the machine stands still where nobody takes the exit byte. */
function stop(): void {
  out8(EXIT_PORT, OWN_FAULT);
  while (true) halt();
}

/** From the VMM's own idle loop it is only noted; in a flag thunk that thunk begins again; before a hypercall it waits for its exit. */
export function handleLine(at: usize): void {
  const frame = changetype<VmmFrame>(at);
  takeLine(frame.vector - VECTOR_IRQ_BASE);
  if ((frame.cs & 3) == 0) return;
  if (inFlagThunk(frame.eip)) frame.eip = flagThunkStart(frame.eip);
  else if (!isBeforeHypercall(frame.eip)) deliverPending(frame);
}

function inFlagThunk(eip: u32): bool {
  return eip >= kernelRecord().flagThunksStart && eip < kernelRecord().flagThunksEnd;
}

/** The last start that is not above the address. */
function flagThunkStart(eip: u32): u32 {
  let start = kernelRecord().flagThunksStart;
  for (let index: u32 = 0; index < kernelRecord().flagThunkCount; index++) {
    const candidate = load<u32>(<usize>(kernelRecord().flagThunkStarts + (index << 2)));
    if (candidate <= eip) start = candidate;
  }
  return start;
}

function isBeforeHypercall(eip: u32): bool {
  const start = kernelRecord().hypercallThunksStart;
  if (eip < start || eip >= kernelRecord().hypercallThunksEnd) return false;
  return eip == start || load<u16>(<usize>(eip - 2)) != HYPERCALL_BYTES;
}

/** Delivers the lowest line that waits, if the kernel takes events. */
export function deliverPending(frame: VmmFrame): void {
  if (pendingLines() == 0 || (sharedPage().virtualInterruptFlag & INTERRUPT_FLAG) == 0) return;
  const line = ctz<u32>(pendingLines());
  deliverLine(line);
  forward(frame, VECTOR_IRQ_BASE + line, false);
}

/** The frame that the processor would have pushed natively, on the kernel's stack; IF in it is the virtual one. */
function forward(frame: VmmFrame, vector: u32, hasError: bool): void {
  const entry = trapOf(vector);
  if (!entry) return stop();
  const fromUser = (frame.cs & 3) == 3;
  let top = fromUser ? taskState().esp1 : frame.esp;
  if (fromUser) {
    top = push(top, frame.ss);
    top = push(top, frame.esp);
  }
  top = push(top, (frame.flags & ~INTERRUPT_FLAG) | (sharedPage().virtualInterruptFlag & INTERRUPT_FLAG));
  top = push(top, frame.cs);
  top = push(top, frame.eip);
  frame.esp = hasError ? push(top, frame.error) : top;
  frame.ss = SELECTOR_KERNEL_DATA_RING1;
  frame.eip = entry.handler;
  frame.cs = SELECTOR_KERNEL_CODE_RING1;
  frame.flags &= ~ENTRY_CLEARS;
  if (entry.keepsInterrupts == 0) sharedPage().virtualInterruptFlag = 0;
}

function push(top: u32, value: u32): u32 {
  store<u32>(<usize>(top - 4), value);
  return top - 4;
}
