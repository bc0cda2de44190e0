import { createMachine, type Machine, type MachineOptions } from "../src/machine.ts";
import { assemble, i, type Line, m, r } from "./assemble.ts";
import { flatBase, flatKernel } from "./flat-kernel.ts";

const tables = { gdt: 0x1000, idt: 0x2000, pointers: 0x1f00 } as const;
/** Where the kernel counts: ticks of the timer, of the RTC, and turns of its loop. */
export const counters = { timer: 0x3000, rtc: 0x3004, loop: 0x3008 } as const;

const out = (port: number, value: number): Line[] => [
  ["mov", r("dx"), i(port)],
  ["mov", r("al"), i(value)],
  ["out", r("dx"), r("al")],
];
const word = (displacement: number): ReturnType<typeof m> => m({ displacement });

/** Vectors 20h to 2Fh at the two PICs, lines 0, 2 and 8 open; the PIT at some 1,800 Hz, the RTC at 1,024 Hz. */
const start: Line[] = [
  ["mov", r("esp"), i(0x8000)],
  ["lgdt", m({ displacement: tables.pointers, size: 48 })],
  ["lidt", m({ displacement: tables.pointers + 8, size: 48 })],
  ...[0x20, 0xa0].flatMap((port) => out(port, 0x11)),
  ...out(0x21, 0x20),
  ...out(0xa1, 0x28),
  ...out(0x21, 0x04),
  ...out(0xa1, 0x02),
  ...out(0x21, 0x01),
  ...out(0xa1, 0x01),
  ...out(0x21, 0xfa),
  ...out(0xa1, 0xfe),
  ...out(0x43, 0x34),
  ...out(0x40, 0x97),
  ...out(0x40, 0x02),
  ...out(0x70, 0x0b),
  ...out(0x71, 0x42),
  ["sti"],
];
/** Repeated stores, so that a run can stop in the middle of one; then a wait for the next interrupt. */
const loop: Line[] = [
  ["inc", word(counters.loop)],
  ["mov", r("edi"), i(0x4000)],
  ["mov", r("ecx"), i(37)],
  ["mov", r("eax"), word(counters.loop)],
  [0xf3, 0xab],
  ["test", r("al"), i(7)],
  [0x75, 0x01],
  ["hlt"],
];
const timer: Line[] = [
  ["inc", word(counters.timer)],
  ["push", r("eax")],
  ["push", r("edx")],
  ...out(0x20, 0x20),
  ["pop", r("edx")],
  ["pop", r("eax")],
  ["iret"],
];
const rtc: Line[] = [
  ["inc", word(counters.rtc)],
  ["push", r("eax")],
  ["push", r("edx")],
  ...out(0x70, 0x0c),
  ["mov", r("dx"), i(0x71)],
  ["in", r("al"), r("dx")],
  ...out(0xa0, 0x20),
  ...out(0x20, 0x20),
  ["pop", r("edx")],
  ["pop", r("eax")],
  ["iret"],
];

/** The bytes of the kernel, and where its two handlers begin in them. */
function program(): { readonly code: number[]; readonly loop: number; readonly timer: number; readonly rtc: number } {
  const head = assemble(start);
  const body = assemble(loop);
  const turn = [...body, 0xeb, -(body.length + 2) & 0xff];
  const handler = assemble(timer);
  return {
    code: [...head, ...turn, ...handler, ...assemble(rtc)],
    loop: head.length,
    timer: head.length + turn.length,
    rtc: head.length + turn.length + handler.length,
  };
}

function writeTables(ram: Uint8Array, handlers: readonly (readonly [vector: number, address: number])[]): void {
  const view = new DataView(ram.buffer, ram.byteOffset, ram.length);
  // Null, code and data: flat, 4 GB, ring 0 (SDM 3A 3.4.5).
  [0, 0, 0x0000_ffff, 0x00cf_9b00, 0x0000_ffff, 0x00cf_9300].forEach((value, index) => view.setUint32(tables.gdt + index * 4, value, true));
  view.setUint16(tables.pointers, 23, true);
  view.setUint32(tables.pointers + 2, tables.gdt, true);
  view.setUint16(tables.pointers + 8, 0x17f, true);
  view.setUint32(tables.pointers + 10, tables.idt, true);
  for (const [vector, address] of handlers) {
    // 32-bit interrupt gates (SDM 3A 6.11).
    view.setUint32(tables.idt + vector * 8, 0x0008_0000 | (address & 0xffff), true);
    view.setUint32(tables.idt + vector * 8 + 4, (address & 0xffff_0000) | 0x8e00, true);
  }
}

/** A machine with a kernel that does nothing but count: two sources of interrupts, repeated stores and HLT. */
export function clockwork(options: Partial<MachineOptions> = {}): Machine {
  const machine = createMachine({ memory: 2 << 20, icount: true, ...options });
  const { code } = program();
  machine.load({ image: flatKernel(code) });
  writeTables(machine.ram, [
    [0x20, entries.timer],
    [0x28, entries.rtc],
  ]);
  return machine;
}

/** Linear addresses in the kernel: its loop, and the handlers of its two interrupts. */
export const entries: { readonly loop: number; readonly timer: number; readonly rtc: number } = {
  loop: flatBase + program().loop,
  timer: flatBase + program().timer,
  rtc: flatBase + program().rtc,
};

/** A counter of the kernel. */
export function count(machine: Machine, address: number): number {
  return new DataView(machine.ram.buffer, machine.ram.byteOffset, machine.ram.length).getUint32(address, true);
}
