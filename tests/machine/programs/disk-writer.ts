import { al, type Assembler, ax, createAssembler, dx, eax, ecx, edi, linkImage, multibootHeader, writeElf } from "@mercury/toolchain";

/** Ports of the first IDE channel by what is written there (ATA/ATAPI-6, 7), and of the first serial port. */
const port = { data: 0x1f0, count: 0x1f2, low: 0x1f3, middle: 0x1f4, high: 0x1f5, device: 0x1f6, command: 0x1f7, com1: 0x3f8 } as const;
const status = { busy: 0x80, dataRequest: 0x08 } as const;
const writeSectors = 0x30;

/** Sectors that it writes, one after the other and again from the first: number n has the low 16 bits of the count of writes in every word. */
export const writtenSectors = 256;

function out(a: Assembler, to: number, value: number): void {
  a.mov(dx, to);
  a.mov(al, value);
  a.out(dx, al);
}

/** Waits until the drive is not busy, and with `bit` wants data. */
function ready(a: Assembler, bit: number): void {
  const again = a.here();
  a.mov(dx, port.command);
  a.in(al, dx);
  a.test(al, status.busy);
  a.jne(again);
  if (bit === 0) return;
  a.test(al, bit);
  a.je(again);
}

/** A multiboot program that writes to its first ATA disk for ever, never flushes it, and says a dot for each sector. */
export function diskWriter(): Uint8Array {
  const a = createAssembler();
  multibootHeader(a);
  a.procedure("start");
  a.xor(edi, edi);
  const next = a.here();
  a.inc(edi);
  out(a, port.count, 1);
  a.mov(dx, port.low);
  a.mov(eax, edi);
  a.out(dx, al);
  for (const zero of [port.middle, port.high]) out(a, zero, 0);
  out(a, port.device, 0xe0);
  out(a, port.command, writeSectors);
  ready(a, status.dataRequest);
  a.mov(ecx, 256);
  a.mov(dx, port.data);
  const word = a.here();
  a.mov(eax, edi);
  a.out(dx, ax);
  a.dec(ecx);
  a.jne(word);
  ready(a, 0);
  out(a, port.com1, ".".charCodeAt(0));
  a.jmp(next);
  const spec = { name: "disk-writer", program: null, textBase: 0x10_1000, dataBase: 0x10_4000, limit: null, loadOffset: 0, entry: "start" };
  return writeElf(linkImage({ ...spec, stubs: a.finish(), siteTable: false, blobs: [] }));
}
