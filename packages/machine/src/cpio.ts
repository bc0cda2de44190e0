/** What is wrong with a file, and where. */
export interface FileFault {
  /** Bytes from the file's start. */
  readonly offset: number;
  readonly reason: string;
}

/** The "new ASCII" cpio format (cpio(5)): 6 bytes of magic and 13 fields of 8 hexadecimal digits, then name and data, each padded to 4. */
const magic = "070701";
const headerSize = 110;
const field = { fileSize: 6, nameSize: 11 } as const;
const trailer = "TRAILER!!!";

function align4(offset: number): number {
  return (offset + 3) & ~3;
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.subarray(start, end)).toString("latin1");
}

/** A header field, or NaN when it is not 8 hexadecimal digits. */
function read(bytes: Uint8Array, header: number, index: number): number {
  const start = header + magic.length + 8 * index;
  const digits = text(bytes, start, start + 8);
  return /^[0-9a-fA-F]{8}$/.test(digits) ? Number.parseInt(digits, 16) : NaN;
}

/** Walks a cpio archive; answers the first thing that keeps a kernel from unpacking it, or null. */
export function checkCpio(bytes: Uint8Array): FileFault | null {
  let at = 0;
  for (;;) {
    if (at + headerSize > bytes.length) return { offset: at, reason: `the archive ends here without "${trailer}"` };
    if (text(bytes, at, at + magic.length) !== magic) return { offset: at, reason: `no cpio header of the newc format ("${magic}")` };
    const nameSize = read(bytes, at, field.nameSize);
    const fileSize = read(bytes, at, field.fileSize);
    if (!(nameSize > 0) || Number.isNaN(fileSize)) return { offset: at, reason: "a cpio header with sizes that are no numbers" };
    const nameEnd = at + headerSize + nameSize;
    const next = align4(align4(nameEnd) + fileSize);
    if (nameEnd > bytes.length || align4(nameEnd) + fileSize > bytes.length) {
      return { offset: at, reason: `the entry reaches to offset ${next}, the file to ${bytes.length}` };
    }
    if (text(bytes, at + headerSize, nameEnd - 1) === trailer) return null;
    at = next;
  }
}
