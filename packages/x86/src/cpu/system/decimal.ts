import { readFlags, setStatusFlags } from "../../state/flags.ts";
import { at, eflags } from "../../state/layout.ts";
import type { Core } from "../core.ts";
import { raise, vector } from "../exceptions.ts";
import type { HostTable } from "./host.ts";

const AL = 0;
const AH = 4;
const AX = 0;

/** SF, ZF and PF of a byte, with the given CF and AF; OF 0. */
function setByteFlags(core: Core, value: number, carry: boolean, auxiliary: boolean): void {
  const { state } = core;
  const byte = (value << 24) >> 24;
  state.set(at.carry, carry ? 1 : 0);
  state.set(at.auxiliary, auxiliary ? eflags.AF : 0);
  state.set(at.overflow, 0);
  state.set(at.result, byte);
  state.set(at.resultHigh, byte >> 31);
}

/** DAA and DAS (SDM 2A "DAA", "DAS"). */
function adjustDecimal(core: Core, sign: 1 | -1): void {
  const { state } = core;
  const flags = readFlags(state);
  const old = state.register(AL, 1);
  const oldCarry = (flags & eflags.CF) !== 0;
  let value = old;
  let carry = false;
  const low = (old & 15) > 9 || (flags & eflags.AF) !== 0;
  if (low) {
    value += sign * 6;
    carry = oldCarry || value < 0 || value > 0xff;
  }
  const high = old > 0x99 || oldCarry;
  if (high) value += sign * 0x60;
  state.setRegister(AL, 1, value);
  // DAA clears CF when the upper digit needs nothing; DAS keeps the borrow of the lower one.
  setByteFlags(core, value, high || (sign === -1 && carry), low);
}

/** AAA and AAS work on AX as a whole; SF, ZF, PF and OF are undefined and stay. */
function adjustAscii(core: Core, sign: 1 | -1): void {
  const { state } = core;
  const flags = readFlags(state);
  const adjust = (state.register(AL, 1) & 15) > 9 || (flags & eflags.AF) !== 0;
  if (adjust) state.setRegister(AX, 2, state.register(AX, 2) + sign * 0x106);
  state.setRegister(AL, 1, state.register(AL, 1) & 15);
  const both = eflags.CF | eflags.AF;
  setStatusFlags(state, adjust ? flags | both : flags & ~both);
}

export const decimal: HostTable = {
  daa: (core) => adjustDecimal(core, 1),
  das: (core) => adjustDecimal(core, -1),
  aaa: (core) => adjustAscii(core, 1),
  aas: (core) => adjustAscii(core, -1),
  aam: (core, { immediate }) => {
    const { state } = core;
    const base = immediate & 0xff;
    if (base === 0) raise(core, vector.DE);
    const value = state.register(AL, 1);
    state.setRegister(AH, 1, Math.floor(value / base));
    state.setRegister(AL, 1, value % base);
    setByteFlags(core, value % base, false, false);
  },
  aad: (core, { immediate }) => {
    const { state } = core;
    const value = (state.register(AL, 1) + state.register(AH, 1) * (immediate & 0xff)) & 0xff;
    state.setRegister(AX, 2, value);
    setByteFlags(core, value, false, false);
  },
};
