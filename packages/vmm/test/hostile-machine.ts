import { hypercalls, memoryMap, vectors, type HypercallName } from "@mercury/abi";
import { createAssembler, eax, ebx, ecx, edx, esp, mem32, symbol, writeElf, type Assembler } from "@mercury/toolchain";
import { createMachine } from "@mercury/x86";
import { hostileBoot, memoryBytes } from "./hostile-boot.ts";
import { hostileImage } from "./hostile-image.ts";

/** isa-debug-exit. */
export const exitPort = 0xf4;
/** What a kernel's handler of vector n ends with: by the ring that its frame names. */
export const trapped = (vector: number): number => 0x40 + vector;
export const trappedInUser = (vector: number): number => 0x80 + vector;
const withErrorCode: ReadonlySet<number> = new Set([vectors.stackFault, vectors.generalProtection, vectors.pageFault]);
const handled = [
  vectors.breakpoint,
  vectors.invalidOpcode,
  vectors.stackFault,
  vectors.generalProtection,
  vectors.pageFault,
  vectors.irqBase,
];

/** Instructions after which a kernel that does not end is taken to hang. */
const patience = 20_000_000;

export interface Outcome {
  /** The byte at the exit port. */
  readonly code: number;
  readonly console: string;
  /** A doubleword of the machine's memory when it ended, by direct-map address. */
  readonly read: (linear: number) => number;
}

/** `int 0x82` with constant arguments. */
export function hypercall(a: Assembler, name: HypercallName, ...parameters: readonly number[]): void {
  [ebx, ecx, edx].forEach((register, index) => a.mov(register, (parameters[index] ?? 0) | 0));
  a.mov(eax, hypercalls[name].number);
  a.int(vectors.hypercall);
}

/** Ends the machine with a code, from ring 1. */
export function exit(a: Assembler, code: number): void {
  hypercall(a, "writePort", exitPort, 8, code);
  a.ud2();
}

/** Runs a kernel of a few instructions in ring 1 under the VMM, on our own CPU; its trap table is installed first. */
export async function runHostile(kernel: (a: Assembler) => void): Promise<Outcome> {
  const a = createAssembler();
  hostileBoot(a);
  a.procedure("hostileMain");
  a.mov(ebx, symbol("traps"));
  a.mov(ecx, handled.length + 1);
  a.mov(eax, hypercalls.loadTraps.number);
  a.int(vectors.hypercall);
  kernel(a);
  exit(a, 0);
  trapHandlers(a);
  return run(writeElf(await hostileImage({ stubs: a.finish() })));
}

/** Each handler ends the machine. */
function trapHandlers(a: Assembler): void {
  for (const vector of handled) {
    a.procedure(`trap${vector}`);
    const fromKernel = a.label();
    a.mov(eax, mem32(esp, withErrorCode.has(vector) ? 8 : 4));
    a.and(eax, 3);
    a.cmp(eax, 3);
    a.jne(fromKernel);
    exit(a, trappedInUser(vector));
    a.bind(fromKernel);
    exit(a, trapped(vector));
  }
  a.procedure("trapSystemCall");
  exit(a, trapped(vectors.systemCall));
  a.data("traps", { alignment: 8 });
  for (const vector of handled) {
    a.data8(vector, 0, 0, 0);
    a.data32(symbol(`trap${vector}`));
  }
  a.data8(vectors.systemCall, 3, 1, 0);
  a.data32(symbol("trapSystemCall"));
}

function run(image: Uint8Array): Outcome {
  let text = "";
  const machine = createMachine({
    memory: memoryBytes,
    icount: true,
    transmit: (port, byte) => void (port === 0 && (text += String.fromCharCode(byte))),
  });
  machine.load({ image });
  const stop = machine.run(patience);
  if (stop.reason !== "exit") throw new Error(`the machine stopped for ${stop.reason}: ${text}`);
  const { buffer, byteOffset } = machine.ram;
  return {
    code: stop.code,
    console: text,
    read: (linear) => new DataView(buffer, byteOffset).getUint32(linear - memoryMap.directMapBase, true),
  };
}
