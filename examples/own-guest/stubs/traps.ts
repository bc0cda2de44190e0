import { vectors } from "@mercury/abi";
import { type Assembler, cs, eax, mem32, symbol } from "@mercury/toolchain";

/** Traps that can only mean a bug. The VMM asks for a system call's handler too, which nobody here raises. */
const unexpected: readonly number[] = [vectors.invalidOpcode, vectors.generalProtection, vectors.pageFault, vectors.systemCall];

/** Trap handlers, their table (abi: trapEntry), and the two instructions that this kernel is about. */
export function traps(a: Assembler): void {
  a.procedure("codeSelector");
  a.mov(eax, cs);
  a.ret();
  a.procedure("raiseBreakpoint");
  a.int3();
  a.ret();
  a.procedure("breakpointEntry");
  a.inc(mem32(symbol("breakpoints")));
  a.site("returnFromTrap");
  a.procedure("fatalEntry");
  a.call(symbol("fatal"));
  a.ud2();

  a.data("breakpoints", { section: ".bss" });
  a.zero(4);
  a.data("trapTable", { alignment: 8 });
  row(a, vectors.breakpoint, "breakpointEntry");
  for (const vector of unexpected) row(a, vector, "fatalEntry");
  a.entry("trapTableEnd");
}

function row(a: Assembler, vector: number, handler: string): void {
  const isSystemCall = vector === vectors.systemCall;
  a.data8(vector, isSystemCall ? 3 : 0, isSystemCall ? 1 : 0, 0);
  a.data32(symbol(handler));
}

/** NUL-terminated texts by name. */
const words = {
  ringText: "own-guest: ring ",
  trapsText: ", breakpoints ",
  refusedText: "own-guest: the switch was refused\n",
  fatalText: "own-guest: unexpected trap\n",
  commandLine: "",
} as const;

export function texts(a: Assembler): void {
  for (const [name, text] of Object.entries(words)) {
    a.data(name);
    a.ascii(text);
    a.data8(0);
  }
}
