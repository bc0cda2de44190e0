import { type HypercallName, hypercalls, vectors, type VoOperationName } from "@mercury/abi";
import { type Assembler, eax, ebx, ecx, edx, symbol } from "@mercury/toolchain";
import { addTime, countUse, noteTime } from "./meter.ts";

const registers = { eax, ebx, ecx, edx } as const;
type Name = keyof typeof registers;

/** A virtual body that is one hypercall. */
interface Thunk {
  readonly operation: VoOperationName;
  readonly hypercall: HypercallName;
  /** Argument registers EBX, ECX, EDX: what goes there, in an order in which none is lost. */
  readonly arguments: readonly (readonly [Name, Name | number])[];
  /** What the operation gives back is not the kernel's own value any more. */
  readonly result?: Name;
  /** A negative result means that the kernel did what it must not. */
  readonly checked: boolean;
}

const port = (bits: 8 | 16 | 32): readonly Thunk[] => [
  {
    operation: `in${bits}`,
    hypercall: "readPort",
    arguments: [
      ["ebx", "edx"],
      ["ecx", bits],
    ],
    result: "eax",
    checked: false,
  },
  {
    operation: `out${bits}`,
    hypercall: "writePort",
    arguments: [
      ["ebx", "edx"],
      ["ecx", bits],
      ["edx", "eax"],
    ],
    checked: true,
  },
];

const thunks: readonly Thunk[] = [
  { operation: "idle", hypercall: "idle", arguments: [], checked: false },
  { operation: "setKernelStack", hypercall: "setKernelStack", arguments: [["ebx", "eax"]], checked: true },
  { operation: "loadSpace", hypercall: "loadSpace", arguments: [["ebx", "eax"]], checked: true },
  { operation: "flushPage", hypercall: "flushPage", arguments: [["ebx", "eax"]], checked: true },
  {
    operation: "setEntry",
    hypercall: "setEntry",
    arguments: [
      ["ebx", "eax"],
      ["ecx", "edx"],
    ],
    checked: true,
  },
  {
    operation: "exchangeEntry",
    hypercall: "exchangeEntry",
    arguments: [
      ["ebx", "eax"],
      ["ecx", "edx"],
    ],
    result: "edx",
    checked: true,
  },
  ...port(8),
  ...port(16),
  ...port(32),
];

/**
 * Each is counted, saves what it changes, and leaves its range behind INT: a thread that was stopped there may go on in the other mode. The time
 * from the count to the tail is the operation's, with all that the VMM let in at the hypercall's exit.
 */
export function hypercallThunks(a: Assembler): void {
  for (const thunk of thunks) write(a, thunk);
  a.procedure("virtual_refused");
  a.ud2();
}

function write(a: Assembler, thunk: Thunk): void {
  const { operation, hypercall, result } = thunk;
  const saved = (["eax", ...thunk.arguments.map(([to]) => to)] as const).filter((name) => name !== result);
  a.procedure(`thunk_${operation}`, { section: ".thunks.hypercall", alignment: 16 });
  countUse(a, operation, "virtual");
  noteTime(a);
  for (const name of saved) a.push(registers[name]);
  for (const [to, from] of thunk.arguments) a.mov(registers[to], typeof from === "number" ? from : registers[from]);
  a.mov(eax, hypercalls[hypercall].number);
  a.int(vectors.hypercall);
  a.jmp(symbol(`tail_${operation}`));

  a.procedure(`tail_${operation}`);
  if (thunk.checked) {
    a.test(eax, eax);
    a.js(symbol("virtual_refused"));
  }
  for (const name of saved.toReversed()) a.pop(registers[name]);
  addTime(a, operation, "virtual");
  a.ret();
}
