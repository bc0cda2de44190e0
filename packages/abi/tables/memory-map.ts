/**
 * The one address space that kernel, VMM, switch and programs share (design: "Address space").
 *
 *   linear                                                        native            virtual
 *   00000000 +---------------------------------------------------+
 *            | user; page 0 never mapped, programs from 08048000 | per process       validated on first touch
 *   B0000000 +---------------------------------------------------+
 *            | direct map of the first 1 GB, 4 MB pages          | read/write; the table zone read-only in both
 *   F0000000 +---------------------------------------------------+
 *            | leaf area: vmalloc, fixmap, temporary mappings    | 48 shared leaf tables
 *   FC000000 +---------------------------------------------------+  <- flat ring-1 and ring-3 segments end here
 *            | table window: writable alias of the zone          | mapped            not mapped
 *   FE000000 +---------------------------------------------------+
 *            | VMM                                               | dormant           active
 *   FFFFFFFF +---------------------------------------------------+
 *
 *   physical
 *   00000000  low memory, kernel image from 00100000 (must end below 00400000), VMM image and RAM disk as loaded
 *   00400000  table zone (RAM/64, at least one chunk), contiguous, grows upwards
 *   top       the VMM's reserve: the last whole chunk
 */
export const memoryMap = {
  /** Bytes of a page frame. */
  pageSize: 0x1000,
  /** Bytes of a chunk, the unit in which frames have a type and an owner: what one directory entry maps (SDM 3A 4.3). */
  chunkSize: 0x40_0000,

  /** First linear address of a program (System V i386 ABI). */
  userImageBase: 0x0804_8000,
  /** asc memoryBase of a program of our own: its text must end below. */
  userDataBase: 0x0810_0000,
  /** One past the last address of user space; the user stack ends here. */
  userEnd: 0xb000_0000,

  directMapBase: 0xb000_0000,
  /** Bytes: RAM above is not the kernel's. */
  directMapSize: 0x4000_0000,
  leafAreaBase: 0xf000_0000,
  leafAreaEnd: 0xfc00_0000,
  /** One past the last address that a flat ring-1 or ring-3 segment reaches. */
  guestEnd: 0xfc00_0000,

  tableWindowBase: 0xfc00_0000,
  tableWindowSize: 0x0200_0000,
  vmmBase: 0xfe00_0000,
  vmmSize: 0x0200_0000,

  /** Physical address at which the kernel image is loaded and linear address at which its text is linked. */
  kernelLoadBase: 0x0010_0000,
  kernelTextBase: 0xb010_0000,
  /** First page of the kernel's data: the page that kernel and VMM share (structures.ts: sharedPage). */
  sharedPage: 0xb020_0000,
  /** asc memoryBase of the kernel: static data right after the shared page. */
  kernelDataBase: 0xb020_1000,
  /** One past the last linear address that the kernel image may use, its zeroed data included. */
  kernelImageEnd: 0xb040_0000,

  /** asc memoryBase of the VMM; its text starts at vmmBase, headed by the VMM header. */
  vmmDataBase: 0xfe04_0000,

  /**
   * Machine address of the chunk that holds the I/O APIC (82093AA 3.0) and every processor's local APIC (SDM 3A 10.4.1). It is the VMM's: a write there could
   * send any processor an interrupt, an NMI or INIT.
   */
  apicChunk: 0xfec0_0000,

  /** Physical start of the table zone. */
  zoneBase: 0x0040_0000,
  /** The smallest RAM that the system runs in, bytes. */
  memoryMinimum: 0x0100_0000,
} as const;

/** What to add to a read-only pointer to a table entry (direct map) to reach the same entry through the window: a link-time constant. */
export const tableDelta: number =
  memoryMap.tableWindowBase - (memoryMap.directMapBase + memoryMap.zoneBase);

/** Directory slots (linear address >> 22) of each range. */
export const directorySlots = {
  user: 0,
  directMap: memoryMap.directMapBase >>> 22,
  leafArea: memoryMap.leafAreaBase >>> 22,
  tableWindow: memoryMap.tableWindowBase >>> 22,
  vmm: memoryMap.vmmBase >>> 22,
  end: 1024,
} as const;

/** Bits of a directory or leaf entry without PAE (SDM 3A 4.3, tables 4-4 to 4-6), and our use of the three ignored ones. */
export const pageBits = {
  present: 0x001,
  writable: 0x002,
  user: 0x004,
  writeThrough: 0x008,
  cacheDisable: 0x010,
  accessed: 0x020,
  dirty: 0x040,
  /** Page size, in a directory entry (PAT in a leaf). */
  large: 0x080,
  global: 0x100,
  /** Bit 9: a directory slot that the VMM has parked until its leaf is validated; present is clear, the rest is true. */
  deferred: 0x200,
  /** Bit 10: a leaf entry whose frame stays shared over fork. */
  shared: 0x400,
  /** Bit 11: a leaf entry that was writable and is copied on the next write. */
  copyOnWrite: 0x800,
} as const;
