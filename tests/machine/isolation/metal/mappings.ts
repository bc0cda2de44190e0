import {
  CHUNK_SIZE, HYPERCALL_CLEAR_ENTRIES, HYPERCALL_EXCHANGE_ENTRY, HYPERCALL_FORK_ENTRIES, HYPERCALL_LOAD_SPACE, HYPERCALL_PREPARE_DIRECTORY,
  HYPERCALL_RELEASE_TABLE, HYPERCALL_SET_ENTRY, HYPERCALL_UPDATE_ENTRIES, PAGE_COPY_ON_WRITE, PAGE_DEFERRED, PAGE_GLOBAL, PAGE_LARGE, PAGE_PRESENT,
  PAGE_SHARED, PAGE_SIZE, PAGE_USER, PAGE_WRITABLE, SLOT_DIRECT_MAP, ZONE_BASE,
} from "@mercury/abi/metal";
import { cstr, hypercall } from "@mercury/toolchain/metal";
import { NONE } from "./context";
import { finish, judge } from "./report";
import { DIRECTORY, ENTRIES, LEAF, machineOf, tableOf } from "./user-space";

/** The reserve: the last chunk of a machine of this size (vmm/test/hostile-boot.ts). */
const MEMORY: u32 = 32 << 20;
const RESERVE: u32 = MEMORY - <u32>CHUNK_SIZE;
/** Behind memory there are devices, and among them the APICs (SDM 3A 10.4.1, 82093AA 3.0), from which any processor can be reached. */
const DEVICE: u32 = 0xfd000000;
const IO_APIC: u32 = 0xfec00000;
const LOCAL_APIC: u32 = 0xfee00000;
/** An untyped frame, one that becomes a second directory, and one with what no leaf may hold. */
const UNTYPED: u32 = 3;
const OTHER: u32 = 4;
const ILLEGAL: u32 = 5;
/** Bits that are tried in every combination. */
const BITS: StaticArray<u32> = [PAGE_PRESENT, PAGE_WRITABLE, PAGE_USER, PAGE_LARGE, PAGE_GLOBAL, PAGE_SHARED];
const COMBINATIONS: u32 = 64;

function flags(combination: u32): u32 {
  let value: u32 = 0;
  for (let bit: u32 = 0; bit < 6; bit++) if (((combination >> bit) & 1) != 0) value |= unchecked(BITS[bit]);
  return value;
}

/** The rule of the design for entries of a leaf, by where the frame lies. */
function mayStand(entry: u32): bool {
  if ((entry & PAGE_PRESENT) == 0) return true;
  if ((entry & (PAGE_LARGE | PAGE_GLOBAL)) != 0) return false;
  const frame = entry & ~0xfff;
  if (frame - <u32>ZONE_BASE < <u32>CHUNK_SIZE) return (entry & PAGE_WRITABLE) == 0;
  return frame - RESERVE >= <u32>CHUNK_SIZE && frame != IO_APIC && frame != LOCAL_APIC;
}

/** What a fork makes of an entry. */
function shared(entry: u32): u32 {
  const takes = (entry & (PAGE_PRESENT | PAGE_WRITABLE | PAGE_SHARED)) == (PAGE_PRESENT | PAGE_WRITABLE);
  return takes ? (entry & ~PAGE_WRITABLE) | PAGE_COPY_ON_WRITE : entry;
}

const list: usize = memory.data(8, 8);

/** One value into the loaded leaf by each call that writes entries. Entry 1023 maps nothing that is used. */
function intoLeaf(value: u32): void {
  const entry = tableOf(LEAF) + 4092;
  judge(hypercall(HYPERCALL_SET_ENTRY, entry, value, 0) == 0, mayStand(value), HYPERCALL_SET_ENTRY, value, NONE);
  judge(hypercall(HYPERCALL_EXCHANGE_ENTRY, entry, value, 0) == 0, mayStand(value), HYPERCALL_EXCHANGE_ENTRY, value, NONE);
  store<u32>(list, entry);
  store<u32>(list + 4, value);
  judge(hypercall(HYPERCALL_UPDATE_ENTRIES, <u32>list, 1, 0) == 0, mayStand(value), HYPERCALL_UPDATE_ENTRIES, value, NONE);
  hypercall(HYPERCALL_SET_ENTRY, tableOf(UNTYPED), value, 0);
  judge(hypercall(HYPERCALL_FORK_ENTRIES, entry, tableOf(UNTYPED), 1) == 0, mayStand(shared(value)), HYPERCALL_FORK_ENTRIES, value, NONE);
}

/** Every frame of the reserve and of the zone, some of data and a device, with every combination of bits. */
function leafEntries(): void {
  for (let combination: u32 = 0; combination < COMBINATIONS; combination++) {
    const bits = flags(combination);
    for (let offset: u32 = 0; offset < <u32>CHUNK_SIZE; offset += <u32>PAGE_SIZE) {
      intoLeaf((RESERVE + offset) | bits);
      intoLeaf((<u32>ZONE_BASE + offset) | bits);
    }
    intoLeaf(0x800000 | bits);
    intoLeaf(DEVICE | bits);
    intoLeaf(IO_APIC | bits);
    intoLeaf(LOCAL_APIC | bits);
  }
  hypercall(HYPERCALL_SET_ENTRY, tableOf(LEAF) + 4092, 0, 0);
  hypercall(HYPERCALL_SET_ENTRY, tableOf(UNTYPED), 0, 0);
  finish(cstr`leaf entries`);
}

/** A value into slot 0 of the loaded directory, by two calls. */
function intoSlot(value: u32, may: bool): void {
  const slot = tableOf(DIRECTORY);
  judge(hypercall(HYPERCALL_SET_ENTRY, slot, value, 0) == 0, may, HYPERCALL_SET_ENTRY, value, NONE);
  judge(hypercall(HYPERCALL_EXCHANGE_ENTRY, slot, value, 0) == 0, may, HYPERCALL_EXCHANGE_ENTRY, value, NONE);
  hypercall(HYPERCALL_SET_ENTRY, slot, 0, 0);
}

/** A slot names a frame that is a leaf or can become one: not the reserve, not data, no directory, nothing large. */
function directorySlots(): void {
  hypercall(HYPERCALL_PREPARE_DIRECTORY, tableOf(OTHER), 0, 0);
  hypercall(HYPERCALL_SET_ENTRY, tableOf(ILLEGAL), RESERVE | PAGE_PRESENT | PAGE_WRITABLE, 0);
  for (let combination: u32 = 0; combination < COMBINATIONS; combination++) {
    const bits = flags(combination);
    const present = (bits & PAGE_PRESENT) != 0;
    for (let frame: u32 = 0; frame < ENTRIES; frame++) {
      const isTable = frame != 0 && frame != DIRECTORY && frame != OTHER && frame != ILLEGAL;
      intoSlot(machineOf(frame) | bits, !present || (isTable && (bits & PAGE_LARGE) == 0));
      intoSlot((RESERVE + frame * <u32>PAGE_SIZE) | bits, !present);
    }
    intoSlot(0x800000 | bits, !present);
    intoSlot(DEVICE | bits, !present);
  }
  finish(cstr`directory slots`);
}

/** The kernel's half of directories and all of the master are the VMM's. */
function kernelHalf(): void {
  for (let slot: u32 = 0; slot < ENTRIES; slot++) {
    const values: StaticArray<u32> = KERNEL_VALUES;
    for (let index = 0; index < values.length; index++) {
      const value = unchecked(values[index]);
      judge(hypercall(HYPERCALL_SET_ENTRY, tableOf(0) + (slot << 2), value, 0) == 0, false, 0, slot, NONE);
      if (slot < SLOT_DIRECT_MAP) continue;
      judge(hypercall(HYPERCALL_SET_ENTRY, tableOf(DIRECTORY) + (slot << 2), value, 0) == 0, false, DIRECTORY, slot, NONE);
      judge(hypercall(HYPERCALL_CLEAR_ENTRIES, tableOf(DIRECTORY) + (slot << 2), 1, 0) == 0, false, DIRECTORY, slot, NONE);
    }
  }
  finish(cstr`the kernel's half`);
}

const KERNEL_VALUES: StaticArray<u32> = [0, 0x400083, 0x402003, 0x200];

function refused(result: i32, what: u32): void {
  judge(result == 0, false, what, 0, NONE);
}

/** What is in use changes neither type nor owner, and nothing but a table is ever loaded. */
function lives(): void {
  refused(hypercall(HYPERCALL_PREPARE_DIRECTORY, tableOf(LEAF), 0, 0), 1);
  refused(hypercall(HYPERCALL_RELEASE_TABLE, tableOf(LEAF), 0, 0), 2);
  refused(hypercall(HYPERCALL_PREPARE_DIRECTORY, tableOf(DIRECTORY), 0, 0), 3);
  refused(hypercall(HYPERCALL_RELEASE_TABLE, tableOf(DIRECTORY), 0, 0), 4);
  refused(hypercall(HYPERCALL_PREPARE_DIRECTORY, tableOf(0), 0, 0), 5);
  refused(hypercall(HYPERCALL_RELEASE_TABLE, tableOf(0), 0, 0), 6);
  refused(hypercall(HYPERCALL_CLEAR_ENTRIES, tableOf(0), ENTRIES, 0), 7);
  refused(hypercall(HYPERCALL_FORK_ENTRIES, tableOf(UNTYPED), tableOf(0), ENTRIES), 8);
  refused(hypercall(HYPERCALL_FORK_ENTRIES, tableOf(DIRECTORY), tableOf(LEAF), 1), 9);
  refused(hypercall(HYPERCALL_LOAD_SPACE, machineOf(LEAF), 0, 0), 10);
  for (let offset: u32 = 0; offset < <u32>CHUNK_SIZE; offset += <u32>PAGE_SIZE) {
    refused(hypercall(HYPERCALL_LOAD_SPACE, RESERVE + offset, 0, 0), RESERVE + offset);
    refused(hypercall(HYPERCALL_LOAD_SPACE, 0x800000 + offset, 0, 0), 0x800000 + offset);
  }
  // An untyped frame with a large page in its user half is no address space.
  hypercall(HYPERCALL_SET_ENTRY, tableOf(UNTYPED), <u32>ZONE_BASE | PAGE_PRESENT | PAGE_WRITABLE | PAGE_LARGE, 0);
  refused(hypercall(HYPERCALL_LOAD_SPACE, machineOf(UNTYPED), 0, 0), 11);
  hypercall(HYPERCALL_SET_ENTRY, tableOf(UNTYPED), PAGE_DEFERRED, 0);
  finish(cstr`tables in use`);
}

export function probeMappings(): void {
  leafEntries();
  directorySlots();
  kernelHalf();
  lives();
}
