import {
  DIRECT_MAP_BASE, EntryUpdate, PAGE_COPY_ON_WRITE, PAGE_PRESENT, PAGE_SHARED, PAGE_SIZE, PAGE_WRITABLE, SLOT_DIRECT_MAP, TABLE_DELTA, ZONE_BASE,
} from "@mercury/abi/metal";
import { readCr0, readCr3, writeCr0, writeCr3 } from "../machine";

/** Bytes of a directory's user half. */
const USER_HALF: usize = <usize>SLOT_DIRECT_MAP << 2;

/** Tables are named by their read-only address and written TABLE_DELTA behind it, in the window. */
function put(entry: usize, value: u32): void {
  store<u32>(entry + TABLE_DELTA, value);
}

/** The master directory is the zone's first frame. */
export function nativePrepareDirectory(directory: u32): void {
  const kernelHalf = DIRECT_MAP_BASE + ZONE_BASE + USER_HALF;
  memory.fill(<usize>directory + TABLE_DELTA, 0, USER_HALF);
  memory.copy(<usize>directory + TABLE_DELTA + USER_HALF, kernelHalf, PAGE_SIZE - USER_HALF);
}

export function nativeClearEntries(entry: u32, count: u32): void {
  memory.fill(<usize>entry + TABLE_DELTA, 0, <usize>count << 2);
}

export function nativeForkEntries(destination: u32, source: u32, count: u32): void {
  for (let offset: u32 = 0; offset < count << 2; offset += 4) {
    let value = load<u32>(<usize>(source + offset));
    if (value == 0) continue;
    if ((value & (PAGE_PRESENT | PAGE_WRITABLE | PAGE_SHARED)) == (PAGE_PRESENT | PAGE_WRITABLE)) {
      value = (value & ~PAGE_WRITABLE) | PAGE_COPY_ON_WRITE;
      put(<usize>(source + offset), value);
    }
    put(<usize>(destination + offset), value);
  }
}

export function nativeUpdateEntries(list: u32, count: u32): void {
  for (let index: u32 = 0; index < count; index++) {
    const update = changetype<EntryUpdate>(<usize>(list + (index << 3)));
    put(<usize>update.entry, update.value);
  }
}

/** Natively nobody keeps books about tables. */
export function nativeReleaseTable(table: u32): void {}

/** MOV CR3 drops what is not global (SDM 3A 4.10.4.1). */
export function nativeFlushSpace(): void {
  writeCr3(readCr3());
}

/** CR0.WP (SDM 3A 2.5). */
const WRITE_PROTECT: u32 = 0x10000;

/** The window may be what is missing: a store through the read-only direct map. */
export function nativeRepairEntry(entry: u32, value: u32): void {
  const control = readCr0();
  writeCr0(control & ~WRITE_PROTECT);
  store<u32>(<usize>entry, value);
  writeCr0(control);
}
