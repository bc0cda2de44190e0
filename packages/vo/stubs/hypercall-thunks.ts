import { hypercalls, type HypercallName } from "@mercury/abi";
import { eax, ebx, ecx, edx, symbol, type Assembler } from "@mercury/toolchain";
import { hypercallVector } from "./names.ts";

const range = { section: ".thunks.hypercall", alignment: 16 } as const;

/**
 * Virtual bodies that are one hypercall. From the start up to INT an event waits for the hypercall's exit, so no thread is ever suspended
 * there. What follows INT, from the jump on, is the tail: it works in either mode.
 */
export function hypercallThunks(a: Assembler): void {
  idle(a);
  for (const name of ["setKernelStack", "loadSpace", "flushPage"] as const) addressThunk(a, name);
  entryThunk(a, "setEntry");
  entryThunk(a, "exchangeEntry");
  for (const bits of [8, 16, 32]) {
    readThunk(a, bits);
    writeThunk(a, bits);
  }
  tails(a);
}

function call(a: Assembler, name: HypercallName, tail: string): void {
  a.mov(eax, hypercalls[name].number);
  a.int(hypercallVector);
  a.jmp(symbol(tail));
}

function idle(a: Assembler): void {
  a.procedure("thunk_idle", range);
  a.push(eax);
  call(a, "idle", "tail_eax");
}

/** One argument, in EAX. */
function addressThunk(a: Assembler, name: "setKernelStack" | "loadSpace" | "flushPage"): void {
  a.procedure(`thunk_${name}`, range);
  a.push(ebx);
  a.push(eax);
  a.mov(ebx, eax);
  call(a, name, "tail_checked_eax_ebx");
}

/** The entry in EAX, the value in EDX; the VMM puts the old value of an exchange into EDX. */
function entryThunk(a: Assembler, name: "setEntry" | "exchangeEntry"): void {
  a.procedure(`thunk_${name}`, range);
  a.push(ecx);
  a.push(ebx);
  a.push(eax);
  a.mov(ebx, eax);
  a.mov(ecx, edx);
  call(a, name, "tail_checked_eax_ebx_ecx");
}

/** The port in EDX; the value that was read in EAX. All 32 bits of it are data, so a port that is refused reads as all ones. */
function readThunk(a: Assembler, bits: number): void {
  a.procedure(`thunk_in${bits}`, range);
  a.push(ecx);
  a.push(ebx);
  a.mov(ebx, edx);
  a.mov(ecx, bits);
  call(a, "readPort", "tail_ebx_ecx");
}

/** The port in EDX, the value in EAX. */
function writeThunk(a: Assembler, bits: number): void {
  a.procedure(`thunk_out${bits}`, range);
  a.push(edx);
  a.push(ecx);
  a.push(ebx);
  a.push(eax);
  a.mov(ebx, edx);
  a.mov(ecx, bits);
  a.mov(edx, eax);
  call(a, "writePort", "tail_checked_eax_ebx_ecx_edx");
}

/** `tail_`, then whether a negative result ends the kernel, then the registers in the order in which they are popped. */
function tails(a: Assembler): void {
  const registers = { eax, ebx, ecx, edx };
  const tail = (checked: boolean, ...names: readonly (keyof typeof registers)[]): void => {
    a.procedure(["tail", ...(checked ? ["checked"] : []), ...names].join("_"));
    if (checked) {
      a.test(eax, eax);
      a.js(symbol("virtual_refused"));
    }
    for (const name of names) a.pop(registers[name]);
    a.ret();
  };
  tail(false, "eax");
  tail(false, "ebx", "ecx");
  tail(true, "eax", "ebx");
  tail(true, "eax", "ebx", "ecx");
  tail(true, "eax", "ebx", "ecx", "edx");
}
