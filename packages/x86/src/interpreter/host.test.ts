/** The integer instructions against the processor of the host, which is the oracle for everything that a user program can do. */
import {
  CODE,
  differences,
  haveHostProcessor,
  INPUT,
  integerTrials,
  OUTPUT,
  programOf,
  type Program,
  runOnHost,
  type State,
  statesOf,
} from "@mercury/isa/testing";
import { expect, test } from "vitest";
import { interpreter } from "./layer.ts";

const HLT = 0xf4;

function runHere(program: Program): State[] {
  const none = (): number => 0;
  const cpu = interpreter.create({
    memory: 64 << 20,
    bus: { readPort: none, writePort: none, readMemory: none, writeMemory: none, acknowledge: none, timeStamp: () => 0n },
  });
  cpu.ram.set(program.code, CODE);
  cpu.ram[CODE + program.code.length] = HLT;
  cpu.ram.set(program.input, INPUT);
  cpu.enterProtectedMode({ entry: CODE, registers: {}, code: 0x08, data: 0x10 });
  expect(cpu.run(100_000_000)).toBe("halted");
  const region = (address: number): Uint8Array => cpu.ram.subarray(address, address + program.input.length);
  return statesOf(region(INPUT), region(OUTPUT));
}

test.runIf(haveHostProcessor()).each([1, 2])("every integer row does what the host does, seed %i", (seed) => {
  const trials = integerTrials(seed, 12);
  const program = programOf(trials);
  const here = runHere(program);
  const wrong = runOnHost(program).flatMap((expected, at) => {
    const [trial, actual] = [trials[at], here[at]];
    if (trial === undefined || actual === undefined) throw new Error("a trial has no result");
    const found = differences(trial.row, expected, actual);
    const what = `${trial.row.mnemonic} ${trial.row.opcode} (${Buffer.from(trial.code).toString("hex")}) from ${JSON.stringify(trial.before)}`;
    return found.length === 0 ? [] : [`${what}: ${found.join("; ")}`];
  });
  expect(trials.length).toBeGreaterThan(10_000);
  expect(wrong.slice(0, 10)).toEqual([]);
});
