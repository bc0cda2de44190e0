import {
  SELECTOR_KERNEL_CODE, TRAP_ENTRY_SIZE, TrapEntry, VECTOR_MODE_SWITCH, VMM_BASE, VmmHeader,
} from "@mercury/abi/metal";
import { loadIdt } from "@mercury/toolchain/metal";
import { kernelRecord, nativeIdt, nativeIdtDescriptor } from "../symbols";
import { buildDescriptors, loadDescriptors, setTlsDescriptor } from "./descriptors";

/** Present gates of 32 bits (SDM 3A 6.11, figure 6-2): an interrupt gate clears IF, a trap gate does not. */
const INTERRUPT_GATE: u32 = 0x8e00;
const TRAP_GATE: u32 = 0x8f00;
const VECTORS: u32 = 256;

function setGate(vector: u32, handler: u32, kind: u32, privilege: u32): void {
  if (vector >= VECTORS) return;
  const at = nativeIdt() + <usize>(vector << 3);
  store<u32>(at, (SELECTOR_KERNEL_CODE << 16) | (handler & 0xffff));
  store<u32>(at + 4, (handler & 0xffff0000) | kind | ((privilege & 3) << 13));
}

/** Fills the native tables for a trap table and writes it down for the VMM. Nothing is loaded: virtual mode keeps the native tables ready, too. */
export function buildTraps(table: usize, count: u32): void {
  buildDescriptors();
  for (let row: u32 = 0; row < count; row++) {
    const entry = changetype<TrapEntry>(table + <usize>(row * TRAP_ENTRY_SIZE));
    setGate(entry.vector, entry.handler, entry.keepsInterrupts != 0 ? TRAP_GATE : INTERRUPT_GATE, entry.privilege);
  }
  const record = kernelRecord();
  record.trapTable = <u32>table;
  record.trapCount = count;
}

/** The switch's gate leads into the VMM, whose header only ring 0 can read. It stays in the table when the handlers change. */
function openSwitch(): void {
  if (kernelRecord().vmmReserve != 0) setGate(VECTOR_MODE_SWITCH, changetype<VmmHeader>(VMM_BASE).switchEntry, INTERRUPT_GATE, 0);
}

export function native_loadTraps(table: u32, count: u32): void {
  buildTraps(<usize>table, count);
  openSwitch();
  loadDescriptors();
  loadIdt(nativeIdtDescriptor());
}

export function native_setTls(slot: u32, low: u32, high: u32): void {
  setTlsDescriptor(slot, low, high);
}
