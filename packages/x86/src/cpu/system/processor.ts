import { activity, at, cr0, cr4, eflags } from "../../state/layout.ts";
import type { Core } from "../core.ts";
import { raise, raiseGeneral, vector } from "../exceptions.ts";
import { requireRing0 } from "./control-registers.ts";
import type { HostTable } from "./host.ts";

/** Bits of CPUID leaf 1, EDX (SDM 2A table 3-11): those that are true of this processor, and no others. */
const feature = { DE: 1 << 2, PSE: 1 << 3, TSC: 1 << 4, MSR: 1 << 5, CX8: 1 << 8, SEP: 1 << 11, PGE: 1 << 13, CMOV: 1 << 15 } as const;
const FEATURES = feature.DE | feature.PSE | feature.TSC | feature.MSR | feature.CX8 | feature.SEP | feature.PGE | feature.CMOV;
/** Family 6, model 8, stepping 3. SEP is not believed of models below 3 (SDM 2B "SYSENTER"). */
const SIGNATURE = 0x683;

function identify(core: Core): void {
  const { state } = core;
  const leaf = state.get(at.eax);
  const [eax, ebx, ecx, edx] = leaf === 0 ? vendor() : [SIGNATURE, 0, 0, FEATURES];
  state.set(at.eax, eax);
  state.set(at.ebx, ebx);
  state.set(at.ecx, ecx);
  state.set(at.edx, edx);
}

/** "GenuineIntel", because software reads the family number above as Intel's. */
function vendor(): [number, number, number, number] {
  return [1, 0x756e6547, 0x6c65746e, 0x49656e69];
}

function timeStamp(core: Core): bigint {
  return BigInt.asUintN(64, core.bus.timeStamp() + core.state.long(at.tscOffset));
}

function setPair(core: Core, value: bigint): void {
  core.state.set(at.eax, Number(BigInt.asIntN(32, value)));
  core.state.set(at.edx, Number(BigInt.asIntN(32, value >> 32n)));
}

function readTimeStamp(core: Core): void {
  if ((core.state.get(at.cr4) & cr4.TSD) !== 0 && core.cpl !== 0) raiseGeneral(core, 0);
  setPair(core, timeStamp(core));
}

/** Model-specific registers that exist (SDM 4 table 2-2). */
const msr = { timeStampCounter: 0x10, sysenterCs: 0x174, sysenterEsp: 0x175, sysenterEip: 0x176 } as const;

function sysenterOffset(number: number): number | undefined {
  if (number === msr.sysenterCs) return at.sysenterCs;
  if (number === msr.sysenterEsp) return at.sysenterEsp;
  return number === msr.sysenterEip ? at.sysenterEip : undefined;
}

function readMsr(core: Core): void {
  requireRing0(core);
  const number = core.state.get(at.ecx);
  if (number === msr.timeStampCounter) {
    setPair(core, timeStamp(core));
    return;
  }
  const offset = sysenterOffset(number) ?? raiseGeneral(core, 0);
  setPair(core, BigInt(core.state.get(offset) >>> 0));
}

function writeMsr(core: Core): void {
  requireRing0(core);
  const { state } = core;
  const number = state.get(at.ecx);
  if (number === msr.timeStampCounter) {
    const value = (BigInt(state.get(at.edx)) << 32n) | BigInt(state.get(at.eax) >>> 0);
    state.setLong(at.tscOffset, BigInt.asIntN(64, value - core.bus.timeStamp()));
    return;
  }
  state.set(sysenterOffset(number) ?? raiseGeneral(core, 0), state.get(at.eax));
}

/** With CR4.PCE, or in ring 0: there are no counters, and reading one that does not exist is #GP(0) (SDM 2B "RDPMC"). */
function readCounter(core: Core): void {
  raiseGeneral(core, 0);
}

function halt(core: Core): void {
  requireRing0(core);
  core.state.set(at.activity, activity.halted);
}

/** An x87 opcode: #NM with EM or TS; a processor without the unit does nothing otherwise (SDM 3A 2.5). */
export function escape(core: Core): void {
  if ((core.state.get(at.cr0) & (cr0.EM | cr0.TS)) !== 0) raise(core, vector.NM);
}

function wait(core: Core): void {
  if ((core.state.get(at.cr0) & (cr0.MP | cr0.TS)) === (cr0.MP | cr0.TS)) raise(core, vector.NM);
}

/** CLI and STI come here only when IOPL forbids them, PUSHF in virtual-8086 mode. */
function forbidByIopl(core: Core): void {
  if ((core.state.get(at.eflags) & eflags.IOPL) !== eflags.IOPL) raiseGeneral(core, 0);
}

export const processor: HostTable = {
  cpuid: identify,
  rdtsc: readTimeStamp,
  rdpmc: readCounter,
  rdmsr: readMsr,
  wrmsr: writeMsr,
  hlt: halt,
  wait,
  cli: (core) => raiseGeneral(core, 0),
  sti: (core) => raiseGeneral(core, 0),
  pushf: forbidByIopl,
};
