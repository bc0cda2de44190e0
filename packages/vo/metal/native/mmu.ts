import {
  DIRECT_MAP_BASE, EntryUpdate, PAGE_COPY_ON_WRITE, PAGE_PRESENT, PAGE_SHARED, PAGE_SIZE, PAGE_WRITABLE, SLOT_DIRECT_MAP, TABLE_DELTA, ZONE_BASE,
} from "@mercury/abi/metal";
import { readCr0, readCr3, writeCr0, writeCr3 } from "@mercury/toolchain/metal";

// Tables are read through the direct map and written through the window, TABLE_DELTA further on (abi/tables/memory-map.ts).

const ENTRY: usize = 4;
/** Bytes of a directory's user half. */
const USER_HALF: usize = <usize>SLOT_DIRECT_MAP * ENTRY;

/** The master directory is the zone's first frame (abi/docs/kernel-and-vmm.md); the record has its machine address. */
export function native_prepareDirectory(directory: u32): void {
  const at = <usize>directory + TABLE_DELTA;
  const master = DIRECT_MAP_BASE + ZONE_BASE;
  memory.fill(at, 0, USER_HALF);
  memory.copy(at + USER_HALF, master + USER_HALF, PAGE_SIZE - USER_HALF);
}

export function native_clearEntries(entry: u32, count: u32): void {
  memory.fill(<usize>entry + TABLE_DELTA, 0, <usize>count * ENTRY);
}

export function native_forkEntries(destination: u32, source: u32, count: u32): void {
  for (let offset: usize = 0, end = <usize>count * ENTRY; offset < end; offset += ENTRY) {
    let value = load<u32>(<usize>source + offset);
    if (value == 0) continue;
    if ((value & (PAGE_PRESENT | PAGE_WRITABLE | PAGE_SHARED)) == (PAGE_PRESENT | PAGE_WRITABLE)) {
      value = (value & ~PAGE_WRITABLE) | PAGE_COPY_ON_WRITE;
      store<u32>(<usize>source + offset + TABLE_DELTA, value);
    }
    store<u32>(<usize>destination + offset + TABLE_DELTA, value);
  }
}

export function native_updateEntries(list: u32, count: u32): void {
  for (let at = <usize>list, end = at + <usize>(count << 3); at < end; at += 8) {
    const update = changetype<EntryUpdate>(at);
    store<u32>(<usize>update.entry + TABLE_DELTA, update.value);
  }
}

/** Natively a frame that no table names is unused without further ado. */
export function native_releaseTable(table: u32): void {}

/** MOV CR3 drops all translations that are not global (SDM 3A 4.10.4.1). */
export function native_flushSpace(): void {
  writeCr3(readCr3());
}

/** CR0.WP: ring 0 obeys read-only pages (SDM 3A 2.5). */
const WRITE_PROTECT: u32 = 0x10000;

/** Through the read-only direct map, with CR0.WP clear for the length of the store. */
export function native_repairEntry(entry: u32, value: u32): void {
  const control = readCr0();
  writeCr0(control & ~WRITE_PROTECT);
  store<u32>(<usize>entry, value);
  writeCr0(control);
}
