import { createMachine } from "@mercury/x86";
import { placeArguments } from "./arguments.ts";
import type { Bases, Linked } from "./link.ts";
import { outcomeOf } from "./outcome.ts";
import type { Outcome, Program } from "./program.ts";
import { driverImage, machineMemory, outcomeBase, recordBase } from "./x86-driver.ts";

/** Where a program is linked for the emulated machine. */
export const x86Bases: Bases = { text: 0x0040_0000, cells: 0x0080_0000 };

/** Instructions after which a program counts as endless. */
const instructionLimit = 200_000_000;

/** Runs a program's calls on the emulated PC, without an operating system: the driver makes them in ring 0, paging off. */
export function runX86(program: Program, linked: Linked): Outcome[] {
  const machine = createMachine({ memory: machineMemory, icount: true });
  const { address, length } = program.memory;
  machine.load({ image: driverImage(address, length) });
  for (const segment of linked.segments) machine.ram.set(segment.bytes, segment.address);
  const view = new DataView(machine.ram.buffer, machine.ram.byteOffset, machine.ram.byteLength);
  writeRecords(view, program, linked);
  const stop = machine.run(instructionLimit);
  if (stop.reason !== "exit") throw new Error(`the emulated machine stopped: ${stop.reason}`);
  const skipped = linked.start === null ? 0 : 1;
  return program.calls.map((call, index) => {
    const at = outcomeBase + (index + skipped) * 16;
    const [kind = 0, low = 0, high = 0, memory = 0] = [0, 4, 8, 12].map((offset) => view.getUint32(at + offset, true));
    return outcomeOf(call, kind, low, high, memory);
  });
}

function writeRecords(view: DataView, program: Program, linked: Linked): void {
  let at = recordBase;
  const put = (...words: readonly number[]): void => {
    for (const word of words) {
      view.setUint32(at, word >>> 0, true);
      at += 4;
    }
  };
  if (linked.start !== null) put(linked.start, 0, 0, 0, 0);
  for (const call of program.calls) {
    const { registers, words } = placeArguments(call);
    const [eax = 0, ecx = 0, edx = 0] = registers;
    put(linked.symbols.get(call.name) ?? 0, eax, edx, ecx, words.length, ...words);
  }
  put(0);
}
