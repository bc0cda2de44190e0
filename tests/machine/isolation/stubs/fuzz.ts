import { errno, hypercalls, selectors, vectors } from "@mercury/abi";
import { type Assembler, eax, symbol } from "@mercury/toolchain";

/** Bytes of a row of errorTable: a call has no more errors than that. */
const rowSize = 4;

/** What the fuzzer's kernel needs besides the prober's: errors by call, a return to where it stands, its settings. */
export function fuzz(a: Assembler, seed: number, calls: number): void {
  a.data("errorTable");
  for (const { errors } of Object.values(hypercalls)) {
    const row = errors.map((name) => errno[name]);
    if (row.length > rowSize) throw new RangeError("a call has more errors than a row of the table holds");
    a.data8(...row, ...Array.from({ length: rowSize - row.length }, () => 0));
  }
  a.data("fuzzSettings", { alignment: 4 });
  a.data32(seed, calls);

  // returnThrough(flags): hypercalls.returnFromTrap with the frame {eax, eip, cs, eflags}.
  a.procedure("returnThrough");
  a.push(eax);
  a.push(selectors.kernelCodeRing1);
  a.push(symbol("returnedHere"));
  a.push(0);
  a.mov(eax, hypercalls.returnFromTrap.number);
  a.int(vectors.hypercall);
  a.ud2();
  a.entry("returnedHere");
  a.pushfd();
  a.pop(eax);
  // Compiled code expects DF clear.
  a.push(2);
  a.popfd();
  a.ret();
}
