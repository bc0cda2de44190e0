import type { Instruction } from "@mercury/isa";
import { readFlags } from "../../state/flags.ts";
import { at, eflags, ES } from "../../state/layout.ts";
import { readMemory, probeWrite, writeMemory } from "../../mmu/access.ts";
import type { Core } from "../core.ts";
import { raiseGeneral } from "../exceptions.ts";
import { addressSize, linearAddress, operandSize, READ, WRITE } from "../operands.ts";
import { isVirtual8086 } from "../segments.ts";
import { portAllowed } from "../tss.ts";
import { trapLater } from "./debug-registers.ts";
import type { HostTable } from "./host.ts";

type Width = 1 | 2 | 4;

/** With CPL > IOPL, and always in virtual-8086 mode, the bitmap decides (SDM 1 19.5). */
function checkPort(core: Core, port: number, size: Width): void {
  if ((core.state.get(at.cr0) & 1) === 0) return;
  const iopl = (core.state.get(at.eflags) >>> 12) & 3;
  if (core.cpl <= iopl && !isVirtual8086(core)) return;
  if (!portAllowed(core, port, size)) raiseGeneral(core, 0);
}

/** I/O breakpoints are traps (SDM 3B 17.3.1.2). */
function watchPort(core: Core, port: number, size: Width): void {
  trapLater(core, core.breakpoints.hits(port, size, "io"));
}

/** Opcodes with bit 0 clear work on bytes. */
function width(instruction: Instruction): Width {
  return (instruction.opcode & 1) === 0 ? 1 : operandSize(instruction);
}

/** E4 to E7 name the port, EC to EF have it in DX. */
function portOf(core: Core, instruction: Instruction): number {
  return (instruction.opcode & 8) === 0 ? instruction.immediate & 0xff : core.state.register(2, 2);
}

function readIn(core: Core, instruction: Instruction): void {
  const size = width(instruction);
  const port = portOf(core, instruction);
  checkPort(core, port, size);
  core.state.setRegister(0, size, core.bus.readPort(port, size));
  watchPort(core, port, size);
}

function writeOut(core: Core, instruction: Instruction): void {
  const size = width(instruction);
  const port = portOf(core, instruction);
  checkPort(core, port, size);
  core.bus.writePort(port, size, unsigned(core.state.register(0, size), size));
  watchPort(core, port, size);
}

const unsigned = (value: number, size: Width): number => (size === 4 ? value >>> 0 : value);

function advance(core: Core, register: number, instruction: Instruction, size: Width): void {
  const { state } = core;
  const step = (readFlags(state) & eflags.DF) !== 0 ? -size : size;
  const width = addressSize(instruction);
  state.setRegister(register, width, state.register(register, width) + step);
}

/** Memory is checked before the port is read, which cannot be undone (SDM 2A "INS"). */
function readString(core: Core, instruction: Instruction): void {
  const size = width(instruction);
  const port = core.state.register(2, 2);
  checkPort(core, port, size);
  const linear = linearAddress(core, ES, core.state.register(7, addressSize(instruction)), size, WRITE);
  probeWrite(core, linear, size, 0);
  writeMemory(core, linear, core.bus.readPort(port, size), size);
  watchPort(core, port, size);
  advance(core, 7, instruction, size);
}

function writeString(core: Core, instruction: Instruction): void {
  const size = width(instruction);
  const port = core.state.register(2, 2);
  checkPort(core, port, size);
  const linear = linearAddress(core, instruction.segment, core.state.register(6, addressSize(instruction)), size, READ);
  core.bus.writePort(port, size, unsigned(readMemory(core, linear, size), size));
  watchPort(core, port, size);
  advance(core, 6, instruction, size);
}

/** One iteration; with more to come EIP stays at the instruction, so that each is an instruction of its own. */
function repeated(core: Core, instruction: Instruction, iteration: (core: Core, instruction: Instruction) => void): void {
  if (instruction.repeat === "none") {
    iteration(core, instruction);
    return;
  }
  // The right to the port is looked at even when there is nothing to do.
  checkPort(core, core.state.register(2, 2), width(instruction));
  const size = addressSize(instruction);
  const count = core.state.register(1, size);
  if (count === 0) return;
  iteration(core, instruction);
  core.state.setRegister(1, size, count - 1);
  const more = core.state.register(1, size) !== 0;
  core.state.set(at.iterating, more ? 1 : 0);
  if (more) core.state.set(at.eip, core.state.get(at.eip) - instruction.length);
}

export const ports: HostTable = {
  in: readIn,
  out: writeOut,
  insb: (core, instruction) => repeated(core, instruction, readString),
  insd: (core, instruction) => repeated(core, instruction, readString),
  outsb: (core, instruction) => repeated(core, instruction, writeString),
  outsd: (core, instruction) => repeated(core, instruction, writeString),
};
