import { createMachine, type Machine, type MachineOptions } from "../src/machine.ts";
import { assemble, i, type Line, m, r } from "./assemble.ts";
import { flatKernel } from "./flat-kernel.ts";

/** Where the kernel counts its turns, keeps the bus master's table, and has its data. */
const at = { turns: 0x3000, table: 0x6000, written: 0x1_0000, read: 0x1_8000 } as const;
const sectorsPerTurn = 16;
/** Sectors that it writes to. */
export const trafficSectors: number = 3 * 255 + sectorsPerTurn;

const word = (displacement: number): ReturnType<typeof m> => m({ displacement });
const out = (port: number, value: number): Line[] => [
  ["mov", r("edx"), i(port)],
  ["mov", r("al"), i(value)],
  ["out", r("dx"), r("al")],
];
/** LEA EDX, [EBX + offset]: a register of the bus master. */
const busMaster = (offset: number): Line => [0x8d, 0x53, offset];
const outMaster = (offset: number, value: number): Line[] => [busMaster(offset), ["mov", r("al"), i(value)], ["out", r("dx"), r("al")]];
/** Repeats lines that read a register to AL until one of some bits is set, or clear. */
const until = (state: "set" | "clear", bits: number, lines: Line[]): Line[] => {
  const test: Line[] = [...lines, ["test", r("al"), i(bits)]];
  // JZ and JNZ.
  return [...test, [state === "set" ? 0x74 : 0x75, -(assemble(test).length + 2) & 0xff]];
};
const configure = (register: number): Line[] => [
  ["mov", r("edx"), i(0xcf8)],
  // Bus 0, slot 1, function 1: the IDE controller.
  ["mov", r("eax"), i(0x8000_0900 + register - 2 ** 32)],
  ["out", r("dx"), r("eax")],
  ["mov", r("edx"), i(0xcfc)],
];

/** Lets the controller be bus master, and keeps its ports in EBX. */
const start: Line[] = [
  ...configure(0x04),
  ["mov", r("eax"), i(5)],
  ["out", r("dx"), r("eax")],
  ...configure(0x20),
  ["in", r("eax"), r("dx")],
  ["and", r("eax"), i(-16)],
  ["mov", r("ebx"), r("eax")],
];

/** Sectors from a number that turns decide: 3 * the high byte of a product, in EAX. */
const address: Line[] = [
  // IMUL EAX, [turns], 2654435761
  [0x69, 0x05, at.turns & 0xff, (at.turns >> 8) & 0xff, 0, 0, 0xb1, 0x79, 0x37, 0x9e],
  [0xc1, 0xe8, 24],
  // LEA EAX, [EAX + 2 * EAX]
  [0x8d, 0x04, 0x40],
  ["mov", r("edx"), i(0x1f3)],
  ["out", r("dx"), r("al")],
  [0xc1, 0xe8, 8],
  ["mov", r("edx"), i(0x1f4)],
  ["out", r("dx"), r("al")],
  ...out(0x1f5, 0),
  ...out(0x1f6, 0xe0),
];

const status: Line[] = [
  ["mov", r("edx"), i(0x1f7)],
  ["in", r("al"), r("dx")],
];

/** A turn: 8 KB written by DMA, one sector read by the data register, the write cache flushed. */
const turn: Line[] = [
  ["inc", word(at.turns)],
  ["mov", r("eax"), word(at.turns)],
  ["mov", r("edi"), i(at.written)],
  ["mov", r("ecx"), i((sectorsPerTurn * 512) / 4)],
  [0xf3, 0xab],
  ...outMaster(0, 0),
  ...outMaster(2, 6),
  busMaster(4),
  ["mov", r("eax"), i(at.table)],
  ["out", r("dx"), r("eax")],
  ...out(0x1f2, sectorsPerTurn),
  ...address,
  ...out(0x1f7, 0xca),
  ...outMaster(0, 1),
  ...until("set", 4, [busMaster(2), ["in", r("al"), r("dx")]]),
  ...status,
  ...out(0x1f2, 1),
  ...address,
  ...out(0x1f7, 0x20),
  ...until("set", 8, status),
  ["mov", r("edi"), i(at.read)],
  ["mov", r("edx"), i(0x1f0)],
  ["mov", r("ecx"), i(256)],
  [0xf3, 0x66, 0x6d],
  ...out(0x1f7, 0xe7),
  ...until("clear", 0x80, status),
];

/** A machine whose kernel does nothing but write to its first ATA disk and read from it, of at least `trafficSectors`. */
export function diskTraffic(options: Partial<MachineOptions>): Machine {
  const machine = createMachine({ memory: 2 << 20, icount: true, ...options });
  const body = assemble(turn);
  const back = -(body.length + 5);
  const code = [...assemble(start), ...body, 0xe9, back & 0xff, (back >> 8) & 0xff, 0xff, 0xff];
  machine.load({ image: flatKernel(code) });
  const view = new DataView(machine.ram.buffer, machine.ram.byteOffset, machine.ram.length);
  view.setUint32(at.table, at.written, true);
  view.setUint32(at.table + 4, 0x8000_0000 + sectorsPerTurn * 512, true);
  return machine;
}

/** Turns that the kernel has begun. */
export function turns({ ram }: Machine): number {
  return new DataView(ram.buffer, ram.byteOffset, ram.length).getUint32(at.turns, true);
}

/** All contents of a machine's disks. */
export function diskContents({ disks }: Machine): Uint8Array[] {
  return disks.map((disk) => {
    const contents = new Uint8Array(disk.sectors * 512);
    disk.read(0, contents);
    return contents;
  });
}
