import { at, efer } from "../../state/layout.ts";
import { flushAllTlbs } from "../../mmu/tlb.ts";
import type { Core } from "../core.ts";
import { raiseGeneral } from "../exceptions.ts";
import { isMtrr, readMtrr, writeMtrr } from "./mtrr.ts";
import { requireRing0 } from "./control-registers.ts";

/** A model-specific register: 64-bit values; a value that it cannot hold is refused with `false` and raises #GP(0). */
export interface ModelRegister {
  read(core: Core): bigint;
  write(core: Core, value: bigint): boolean;
}

const MASK_36 = 0xf_ffff_ffffn;

/** A register whose bits of `writable` are kept as they are written; others must be 0. */
export function kept(offset: number, writable: bigint, moved: (core: Core) => void = () => undefined): ModelRegister {
  return {
    read: ({ state }) => BigInt.asUintN(64, state.long(offset)),
    write: (core, value) => {
      if ((value & ~writable) !== 0n) return false;
      core.state.setLong(offset, BigInt.asIntN(64, value));
      moved(core);
      return true;
    },
  };
}

/** Reads a value; writes are refused. */
const fixed = (value: bigint): ModelRegister => ({ read: () => value, write: () => false });

/** Only the low half exists; the upper one is ignored. */
function half(offset: number): ModelRegister {
  return {
    read: ({ state }) => BigInt(state.get(offset) >>> 0),
    write: ({ state }, value) => {
      state.set(offset, Number(BigInt.asIntN(32, value)));
      return true;
    },
  };
}

const timeStampCounter: ModelRegister = {
  read: timeStamp,
  write: (core, value) => {
    core.state.setLong(at.tscOffset, BigInt.asIntN(64, value - core.bus.timeStamp()));
    return true;
  },
};

/** Bit 8 tells the bootstrap processor and cannot be changed; bit 11 enables, bits 12 to 35 place (SDM 3A figure 10-5). */
const BOOTSTRAP = 0x100n;
const apicBase: ModelRegister = {
  read: (core) => BigInt.asUintN(64, core.state.long(at.apicBase)),
  write: (core, value) => {
    if ((value & ~(MASK_36 & ~0x6ffn)) !== 0n) return false;
    core.state.setLong(at.apicBase, value | BOOTSTRAP);
    placeLocalApic(core);
    return true;
  },
};

/** Tells the bus where the local APIC answers, if at all. */
export function placeLocalApic(core: Core): void {
  const value = core.state.long(at.apicBase);
  core.bus.moveLocalApic?.((value & 0x800n) === 0n ? undefined : Number(value & MASK_36 & ~0xfffn));
}

/** NXE; changing what NX bits mean leaves nothing in the TLB valid. */
const extendedFeatures: ModelRegister = {
  read: ({ state }) => BigInt(state.get(at.efer)),
  write: (core, value) => {
    if ((value & ~BigInt(efer.NXE)) !== 0n || (value !== 0n && executeDisableHidden(core))) return false;
    core.state.set(at.efer, Number(value));
    flushAllTlbs(core);
    return true;
  },
};

/** Eight memory types of three bits in bytes; 2 and 3 do not exist (SDM 3A table 11-10). */
const pageAttributes: ModelRegister = {
  read: ({ state }) => BigInt.asUintN(64, state.long(at.pat)),
  write: ({ state }, value) => {
    for (let index = 0n; index < 8n; index++) {
      const type = (value >> (index * 8n)) & 0xffn;
      if (type > 7n || type === 2n || type === 3n) return false;
    }
    state.setLong(at.pat, BigInt.asIntN(64, value));
    return true;
  },
};

/** Accepts every value and does nothing: there is no microcode to be replaced. */
const microcodeTrigger: ModelRegister = { read: (core) => raiseGeneral(core, 0), write: () => true };

/**
 * Branch trace and precise events are unavailable (bits 11 and 12). Fast strings, the limit of CPUID's leaves (which has none above it to
 * hide) and hiding execute disable (bit 34) can be changed (SDM 4 table 2-2, 1A0H).
 */
const MISC_CHANGEABLE = 0x4_0040_0001n;
const HIDE_EXECUTE_DISABLE = 1n << 34n;

/** Software has hidden NX: CPUID does not tell it, and EFER has no NXE. */
export function executeDisableHidden({ state }: Core): boolean {
  return (state.long(at.miscEnable) & HIDE_EXECUTE_DISABLE) !== 0n;
}

export const MISC_FIXED = 0x1800n;
const miscEnable: ModelRegister = {
  read: ({ state }) => BigInt.asUintN(64, state.long(at.miscEnable)),
  write: ({ state }, value) => {
    state.setLong(at.miscEnable, (value & MISC_CHANGEABLE) | MISC_FIXED);
    return true;
  },
};

/** By number (SDM 4 tables 2-2 and 2-72). A register that is not here raises #GP(0). */
const registers: ReadonlyMap<number, ModelRegister> = new Map([
  // P5 machine check registers, kept for compatibility.
  [0x0, fixed(0n)],
  [0x1, fixed(0n)],
  [0x10, timeStampCounter],
  [0x17, fixed(0n)],
  [0x1b, apicBase],
  // EBL_CR_POWERON: how the bus was configured.
  [0x2a, fixed(0n)],
  [0x79, microcodeTrigger],
  [0x8b, kept(at.microcode, 0xffff_ffff_ffff_ffffn)],
  [0x174, half(at.sysenterCs)],
  [0x175, half(at.sysenterEsp)],
  [0x176, half(at.sysenterEip)],
  // MCG_CAP: no error-reporting banks and no MCG_CTL; MCG_STATUS.
  [0x179, fixed(0n)],
  [0x17a, kept(at.machineCheckStatus, 0x7n)],
  [0x1a0, miscEnable],
  [0x277, pageAttributes],
  [0xc0000080 | 0, extendedFeatures],
]);

export function timeStamp(core: Core): bigint {
  return BigInt.asUintN(64, core.bus.timeStamp() + core.state.long(at.tscOffset));
}

export function setPair(core: Core, value: bigint): void {
  core.state.set(at.eax, Number(BigInt.asIntN(32, value)));
  core.state.set(at.edx, Number(BigInt.asIntN(32, value >> 32n)));
}

export function readMsr(core: Core): void {
  requireRing0(core);
  const number = core.state.get(at.ecx);
  const register = registers.get(number);
  if (register !== undefined) setPair(core, register.read(core));
  else if (isMtrr(number)) setPair(core, readMtrr(core, number));
  else raiseGeneral(core, 0);
}

export function writeMsr(core: Core): void {
  requireRing0(core);
  const { state } = core;
  const number = state.get(at.ecx);
  const value = (BigInt(state.get(at.edx) >>> 0) << 32n) | BigInt(state.get(at.eax) >>> 0);
  const register = registers.get(number);
  const accepted = register !== undefined ? register.write(core, value) : isMtrr(number) && writeMtrr(core, number, value);
  if (!accepted) raiseGeneral(core, 0);
}
