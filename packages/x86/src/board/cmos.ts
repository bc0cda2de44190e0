/** CMOS cells in which a PC's firmware leaves the memory size: kilobytes above 1 MB, and 64 KB units above 16 MB. */
export function cmosMemory(bytes: number): ReadonlyMap<number, number> {
  const extended = Math.min((bytes - 0x10_0000) / 1024, 0xffff);
  const above16 = Math.max(0, (bytes - 0x100_0000) / 0x1_0000);
  return new Map([
    // Equipment: a coprocessor, and a PS/2 mouse; no diskette drives, no display.
    [0x14, 0x06],
    [0x15, 640 & 0xff],
    [0x16, 640 >> 8],
    [0x17, extended & 0xff],
    [0x18, extended >> 8],
    [0x30, extended & 0xff],
    [0x31, extended >> 8],
    [0x34, above16 & 0xff],
    [0x35, above16 >> 8],
  ]);
}
