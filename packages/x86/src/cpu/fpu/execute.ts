import type { Instruction } from "@mercury/isa";
import { at, cr0, CS, segment } from "../../state/layout.ts";
import type { Core } from "../core.ts";
import { raise, vector } from "../exceptions.ts";
import { effectiveAddress } from "../operands.ts";
import type { HostInstruction } from "../system/host.ts";
import type { Extended } from "./number.ts";
import { Operation } from "./operation.ts";
import { isPending, pendingException, report, setConditions } from "./pending.ts";
import { status } from "./status.ts";
import { pop, write } from "./stack.ts";

/** #NM with EM or TS (SDM 3A 2.5). */
export function requireUnit(core: Core): void {
  if ((core.state.get(at.cr0) & (cr0.EM | cr0.TS)) !== 0) raise(core, vector.NM);
}

/** A control instruction that does not wait: FNINIT, FNSTCW and their like. */
export const control =
  (perform: HostInstruction): HostInstruction =>
  (core, instruction) => {
    requireUnit(core);
    perform(core, instruction);
  };

/** A control instruction that waits for pending exceptions first. */
export const waitingControl = (perform: HostInstruction): HostInstruction =>
  control((core, instruction) => {
    if (isPending(core)) pendingException(core);
    perform(core, instruction);
  });

/** Every other instruction: it waits, and leaves its place, its operand's and its opcode behind (SDM 1 8.1.8, 8.1.9). */
export const computing = (perform: HostInstruction): HostInstruction =>
  waitingControl((core, instruction) => {
    const eip = core.instructionEip;
    perform(core, instruction);
    notePlace(core, instruction, eip);
  });

function notePlace(core: Core, instruction: Instruction, eip: number): void {
  const { state } = core;
  state.set(at.fpuOpcode, opcodeOf(instruction));
  state.set(at.fpuInstructionOffset, eip);
  state.set(at.fpuInstructionSelector, core.segment(CS, segment.selector));
  if (!instruction.memory) return;
  state.set(at.fpuDataOffset, effectiveAddress(core, instruction));
  state.set(at.fpuDataSelector, core.segment(instruction.segment, segment.selector));
}

/** The low three bits of the first byte, and ModRM (SDM 1 8.1.9). */
export const opcodeOf = ({ opcode, mod, reg, rm }: Instruction): number => ((opcode & 7) << 8) | (mod << 6) | (reg << 3) | rm;

export const operationOf = (core: Core): Operation => new Operation(core.state.get(at.fpuControl));

/** Reports what an operation met with, and C1; whether its result may be written. */
export function conclude(core: Core, operation: Operation): boolean {
  const refused = operation.isRefused;
  setConditions(core, operation.roundedUp && !refused ? status.C1 : 0, status.C1);
  report(core, operation.reported);
  return !refused;
}

/** Concludes an operation whose result belongs into ST(i). */
export function deliver(core: Core, operation: Operation, i: number, value: Extended, pops = false): void {
  if (!conclude(core, operation)) return;
  write(core, i, value);
  if (pops) pop(core);
}
