import { vectors } from "@mercury/abi";
import {
  al,
  type Assembler,
  ax,
  cr0,
  cr2,
  cr3,
  cr4,
  dr0,
  dr7,
  dx,
  eax,
  ecx,
  edi,
  edx,
  esi,
  mem,
  mem32,
  mem48,
  symbol,
} from "@mercury/toolchain";

/** No trap; some trap (metal/context.ts, metal/gates.ts). */
const none = 0xff;
const any = 0xfe;
const { generalProtection: gp, invalidTss: ts, debug, breakpoint, overflow, invalidOpcode } = vectors;
/** EFLAGS.IF and IOPL: what rings 1 and 3 never change (SDM 2B POPF). */
const interruptFlag = 0x200;
const privilegeMask = 0x3200;
const everyFlag = 0x3000;
const nestedTask = 0x4000;

interface Row {
  readonly write: (a: Assembler) => void;
  /** What rings 1 and 3 meet. */
  readonly ring1: number;
  readonly ring3: number;
  /** Of the value that the instruction leaves in the context: these bits must be so. */
  readonly mask?: number;
  readonly bits?: number;
}

const row = (ring1: number, ring3: number, write: (a: Assembler) => void): Row => ({ write, ring1, ring3 });
const refused = (write: (a: Assembler) => void): Row => row(gp, gp, write);
const scratch = symbol("probeContext", 32);
const value = mem32(symbol("probeContext", 28));

/** Pops flags, and shows what came of it. */
const popped = (flags: number): Row => ({
  write: (a) => {
    a.push(flags);
    a.popfd();
    a.pushfd();
    a.pop(value);
  },
  ring1: none,
  ring3: none,
  mask: privilegeMask,
  bits: interruptFlag,
});

/** Privileged instructions (SDM 3A 5.9), those that need an I/O privilege level, and sensitive ones. What ring 1 may mean and harms nobody the VMM makes good. */
const rows: readonly Row[] = [
  row(none, gp, (a) => a.cli()),
  row(none, gp, (a) => a.sti()),
  row(none, gp, (a) => a.cli()),
  row(none, gp, (a) => a.clts()),
  row(none, gp, (a) => a.wbinvd()),
  row(none, gp, (a) => a.mov(eax, cr0)),
  row(none, gp, (a) => a.mov(eax, cr2)),
  row(none, gp, (a) => a.mov(eax, cr3)),
  row(none, gp, (a) => a.mov(eax, cr4)),
  refused((a) => a.mov(cr0, eax)),
  refused((a) => a.mov(cr2, eax)),
  refused((a) => a.mov(cr3, eax)),
  refused((a) => a.mov(cr4, eax)),
  refused((a) => a.mov(eax, dr7)),
  refused((a) => a.mov(dr0, eax)),
  refused((a) => a.mov(dr7, eax)),
  refused((a) => a.hlt()),
  refused((a) => a.invd()),
  refused((a) => a.invlpg(mem(eax))),
  refused((a) => a.lgdt(mem48(scratch))),
  refused((a) => a.lidt(mem48(scratch))),
  refused((a) => a.lldt(ax)),
  refused((a) => a.ltr(ax)),
  refused((a) => a.lmsw(ax)),
  refused((a) => a.rdmsr()),
  refused((a) => a.wrmsr()),
  refused((a) => a.in(al, 0x20)),
  refused((a) => a.in(eax, dx)),
  refused((a) => a.out(0x21, al)),
  refused((a) => a.out(dx, eax)),
  refused((a) => a.insb()),
  refused((a) => a.outsb()),
  row(any, any, (a) => a.sysenter()),
  row(any, any, (a) => a.sysexit()),
  row(invalidOpcode, invalidOpcode, (a) => a.ud2()),
  row(debug, debug, (a) => a.int1()),
  row(breakpoint, breakpoint, (a) => a.int3()),
  row(overflow, overflow, (a) => {
    a.mov(eax, 0x7fff_ffff);
    a.add(eax, 1);
    a.into();
  }),
  popped(0),
  popped(everyFlag),
  popped(everyFlag | interruptFlag),
  // A return of a nested task: the task state names none (SDM 2A IRET).
  row(ts, ts, (a) => {
    a.push(nestedTask);
    a.popfd();
    a.iretd();
  }),
  // Whatever these show, they change nothing.
  row(none, none, (a) => a.sgdt(mem48(scratch))),
  row(none, none, (a) => a.sidt(mem48(scratch))),
  row(none, none, (a) => a.sldt(eax)),
  row(none, none, (a) => a.str(eax)),
  row(none, none, (a) => a.smsw(eax)),
];

/** instructionTable: {address, ring 1, ring 3, mask, bits} in 16 bytes, ended by zeros. */
export function instructions(a: Assembler): void {
  rows.forEach(({ write }, index) => {
    a.procedure(`instruction${index}`);
    a.xor(eax, eax);
    a.mov(edx, 0x40);
    a.mov(ecx, 0x174);
    a.mov(edi, scratch);
    a.mov(esi, scratch);
    write(a);
    a.jmp(symbol("probeDone"));
  });
  a.data("instructionTable", { alignment: 4 });
  rows.forEach(({ ring1, ring3, mask = 0, bits = 0 }, index) => {
    a.data32(symbol(`instruction${index}`));
    a.data8(ring1, ring3, 0, 0);
    a.data32(mask, bits);
  });
  a.data32(0, 0, 0, 0);
}
