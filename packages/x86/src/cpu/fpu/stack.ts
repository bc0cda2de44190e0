import { at } from "../../state/layout.ts";
import type { Core } from "../core.ts";
import { extended, type Extended, indefinite } from "./number.ts";
import { flag } from "./operation.ts";
import { report, setConditions } from "./pending.ts";
import { status } from "./status.ts";

const REGISTER_BYTES = 16;

/** Physical number of ST(i). */
export const physical = (core: Core, i: number): number => (core.state.get(at.fpuTop) + i) & 7;

export function readPhysical(core: Core, number: number): Extended {
  const { view } = core.state;
  const offset = at.fpuRegisters + number * REGISTER_BYTES;
  const top = view.getUint16(offset + 8, true);
  return extended(top >> 15, top & 0x7fff, view.getBigUint64(offset, true));
}

export function writePhysical(core: Core, number: number, value: Extended): void {
  const { view } = core.state;
  const offset = at.fpuRegisters + number * REGISTER_BYTES;
  view.setBigUint64(offset, value.significand, true);
  view.setUint16(offset + 8, (value.sign << 15) | value.exponent, true);
}

export const isEmpty = (core: Core, i: number): boolean => ((core.state.get(at.fpuTags) >> physical(core, i)) & 1) === 0;

export const read = (core: Core, i: number): Extended => readPhysical(core, physical(core, i));

/** Writes ST(i), which is then not empty. */
export function write(core: Core, i: number, value: Extended): void {
  const number = physical(core, i);
  writePhysical(core, number, value);
  core.state.set(at.fpuTags, core.state.get(at.fpuTags) | (1 << number));
}

export function free(core: Core, i: number): void {
  core.state.set(at.fpuTags, core.state.get(at.fpuTags) & ~(1 << physical(core, i)));
}

export function moveTop(core: Core, by: number): void {
  core.state.set(at.fpuTop, (core.state.get(at.fpuTop) + by) & 7);
}

export function pop(core: Core): void {
  free(core, 0);
  moveTop(core, 1);
}

export function push(core: Core, value: Extended): void {
  moveTop(core, -1);
  write(core, 0, value);
}

export const isMasked = (core: Core, exceptions: number): boolean => (core.state.get(at.fpuControl) & exceptions) !== 0;

/** Tells stack underflow; whether the masked response is to follow (SDM 1 8.5.1.1). */
export function underflows(core: Core): boolean {
  report(core, flag.invalid | status.stackFault);
  setConditions(core, 0, status.C1);
  return isMasked(core, flag.invalid);
}

/** Tells stack overflow, with C1; whether the masked response is to follow. */
export function overflows(core: Core): boolean {
  report(core, flag.invalid | status.stackFault);
  setConditions(core, status.C1, status.C1);
  return isMasked(core, flag.invalid);
}

/** Whether there is room for a push; if not, tells so and does the masked response. */
export function hasRoom(core: Core): boolean {
  if (isEmpty(core, 7)) return true;
  if (overflows(core)) push(core, indefinite);
  return false;
}
