import { vectors } from "@mercury/abi";
import { type Assembler, createAssembler } from "../assembler/block.ts";
import { mem, mem32, mem48 } from "../assembler/memory.ts";
import * as r from "../assembler/registers.ts";
import type { Builder } from "../backend/builder.ts";
import type { Argument, ImportResolver, InlineEmitter } from "../backend/lowering.ts";
import {
  eax,
  ebp,
  ebx,
  ecx,
  edi,
  edx,
  esi,
  immediate,
  memory,
  register,
  type MemoryOperand,
  type Operand,
  type Reg,
} from "../backend/mir.ts";

/** A short sequence with its operands in fixed registers. */
interface Fixed {
  /** Registers of the arguments; an i64 takes two, low half first. */
  readonly takes?: readonly Reg[];
  /** Registers of the result. */
  readonly gives?: readonly Reg[];
  /** Further registers that it changes. */
  readonly changes?: readonly Reg[];
  readonly code: (a: Assembler) => void;
}

function fixed({ takes = [], gives = [], changes = [], code }: Fixed): InlineEmitter {
  const bytes = assemble(code);
  const writes = [...new Set([...gives, ...changes])];
  return (builder, values) => {
    const words = values.flatMap(({ low, high }, index) => (isWide(values, index, takes) ? [low, high] : [low]));
    words.forEach((word, index) => builder.move(takes[index] ?? eax, word));
    builder.raw({ bytes, reads: takes, writes });
    return gives.map((from) => builder.load(register(from)));
  };
}

/** An argument is an i64 when there are more registers than arguments: the last one is then the pair. */
function isWide(values: readonly Argument[], index: number, takes: readonly Reg[]): boolean {
  return takes.length > values.length && index === values.length - 1;
}

function assemble(code: (a: Assembler) => void): Uint8Array {
  const a = createAssembler();
  a.procedure("intrinsic");
  code(a);
  return a.finish()[0]?.code ?? new Uint8Array();
}

function addressOf(argument: Argument | undefined): MemoryOperand {
  const place = argument?.low ?? immediate(0);
  if (place.kind === "immediate") return memory(null, place.value, place.symbol);
  if (place.kind === "register") return memory(place.reg);
  throw new TypeError("an address is a register or a constant");
}

function valueOf(argument: Argument | undefined): Operand {
  return argument?.low ?? immediate(0);
}

function loads(size: 8 | 16 | 32): InlineEmitter {
  return (builder, [address]) => {
    const value = builder.fresh();
    builder.emit(size === 32 ? "mov" : "movzx", [register(value), addressOf(address)], { size, keep: true });
    return [value];
  };
}

function stores(size: 8 | 16 | 32): InlineEmitter {
  return (builder, [address, value]) => {
    builder.emit("mov", [addressOf(address), narrow(builder, valueOf(value), size)], { size });
    return [];
  };
}

/** The low bits of a value, as an operand that an instruction of that size takes. */
function narrow(builder: Builder, value: Operand, size: 8 | 16 | 32): Operand {
  if (value.kind !== "immediate" || size === 32) return value;
  return value.symbol === null ? immediate(value.value & (2 ** size - 1)) : register(builder.load(value));
}

function locked(mnemonic: "or" | "and"): InlineEmitter {
  return (builder, [address, bits]) => {
    builder.emit(mnemonic, [addressOf(address), valueOf(bits)], { lock: true });
    return [];
  };
}

/** `xchg [address], value` */
function exchange(builder: Builder, [address, value]: readonly Argument[]): readonly Reg[] {
  const old = builder.load(valueOf(value));
  builder.emit("xchg", [addressOf(address), register(old)], { roles: ["modify", "modify"] });
  return [old];
}

const conventionRegisters = [eax, edx, ecx] as const;

/** A call of an address: up to three arguments in eax, edx, ecx. */
function callAddress(builder: Builder, [address, ...values]: readonly Argument[]): readonly Reg[] {
  const target = builder.load(valueOf(address));
  const used = conventionRegisters.slice(0, values.length);
  values.forEach((value, index) => builder.move(used[index] ?? eax, value.low));
  builder.call(register(target), used, 0);
  return [builder.load(register(eax))];
}

/** Registers of a Linux i386 system call: number, then up to six arguments. */
const systemCallRegisters = [eax, ebx, ecx, edx, esi, edi, ebp] as const;

function systemCall(count: number): InlineEmitter {
  return fixed({ takes: systemCallRegisters.slice(0, count + 1), gives: [eax], code: (a) => a.int(vectors.systemCall) });
}

const read = (code: (a: Assembler) => void): InlineEmitter => fixed({ gives: [eax], code });
const write = (code: (a: Assembler) => void): InlineEmitter => fixed({ takes: [eax], code });
const plain = (code: (a: Assembler) => void): InlineEmitter => fixed({ code });
const portIn = (code: (a: Assembler) => void): InlineEmitter => fixed({ takes: [edx], gives: [eax], code });
const portOut = (code: (a: Assembler) => void): InlineEmitter => fixed({ takes: [edx, eax], code });

/** Every import of module `x86` (metal/intrinsics.ts) and the instructions that it stands for. */
export const x86Intrinsics: Readonly<Record<string, InlineEmitter>> = {
  volatileLoad8: loads(8),
  volatileLoad16: loads(16),
  volatileLoad32: loads(32),
  volatileStore8: stores(8),
  volatileStore16: stores(16),
  volatileStore32: stores(32),
  exchange32: exchange,
  compareExchange32: fixed({ takes: [edx, eax, ecx], gives: [eax], code: (a) => a.lock().cmpxchg(mem32(r.edx), r.ecx) }),
  atomicOr32: locked("or"),
  atomicAnd32: locked("and"),
  atomicAdd32: fixed({ takes: [edx, eax], gives: [eax], code: (a) => a.lock().xadd(mem32(r.edx), r.eax) }),

  in8: portIn((a) => {
    a.in(r.al, r.dx);
    a.movzx(r.eax, r.al);
  }),
  in16: portIn((a) => {
    a.in(r.ax, r.dx);
    a.movzx(r.eax, r.ax);
  }),
  in32: portIn((a) => a.in(r.eax, r.dx)),
  out8: portOut((a) => a.out(r.dx, r.al)),
  out16: portOut((a) => a.out(r.dx, r.ax)),
  out32: portOut((a) => a.out(r.dx, r.eax)),

  readTimeStamp: fixed({ gives: [eax, edx], code: (a) => a.rdtsc() }),
  cpuid: fixed({
    takes: [eax, ecx, edi],
    changes: [eax, ebx, ecx, edx],
    code: (a) => {
      a.cpuid();
      a.mov(mem(r.edi), r.eax);
      a.mov(mem(r.edi, 4), r.ebx);
      a.mov(mem(r.edi, 8), r.ecx);
      a.mov(mem(r.edi, 12), r.edx);
    },
  }),
  pause: plain((a) => a.pause()),
  breakpoint: plain((a) => a.int3()),
  undefined: plain((a) => a.ud2()),
  multiplyHigh: fixed({ takes: [eax, edx], gives: [edx], changes: [eax], code: (a) => a.mul(r.edx) }),
  divideWide: fixed({ takes: [edx, eax, ecx], gives: [eax, edx], code: (a) => a.div(r.ecx) }),
  stackPointer: read((a) => a.mov(r.eax, r.esp)),
  call0: callAddress,
  call1: callAddress,
  call2: callAddress,
  call3: callAddress,
  syscall0: systemCall(0),
  syscall1: systemCall(1),
  syscall2: systemCall(2),
  syscall3: systemCall(3),
  syscall4: systemCall(4),
  syscall5: systemCall(5),
  syscall6: systemCall(6),
  hypercall: fixed({ takes: [eax, ebx, ecx, edx], gives: [eax], code: (a) => a.int(vectors.hypercall) }),
  switchInterrupt: fixed({ takes: [eax], gives: [eax], code: (a) => a.int(vectors.modeSwitch) }),

  disableInterrupts: plain((a) => a.cli()),
  enableInterrupts: plain((a) => a.sti()),
  readFlags: read((a) => {
    a.pushf();
    a.pop(r.eax);
  }),
  writeFlags: write((a) => {
    a.push(r.eax);
    a.popf();
  }),
  halt: plain((a) => a.hlt()),
  enableAndHalt: plain((a) => {
    a.sti();
    a.hlt();
  }),
  readCr0: read((a) => a.mov(r.eax, r.cr0)),
  writeCr0: write((a) => a.mov(r.cr0, r.eax)),
  readCr2: read((a) => a.mov(r.eax, r.cr2)),
  readCr3: read((a) => a.mov(r.eax, r.cr3)),
  writeCr3: write((a) => a.mov(r.cr3, r.eax)),
  readCr4: read((a) => a.mov(r.eax, r.cr4)),
  writeCr4: write((a) => a.mov(r.cr4, r.eax)),
  readDr6: read((a) => a.mov(r.eax, r.dr6)),
  writeDr6: write((a) => a.mov(r.dr6, r.eax)),
  readDr7: read((a) => a.mov(r.eax, r.dr7)),
  writeDr7: write((a) => a.mov(r.dr7, r.eax)),
  invalidatePage: write((a) => a.invlpg(mem(r.eax))),
  loadGdt: write((a) => a.lgdt(mem48(r.eax))),
  loadIdt: write((a) => a.lidt(mem48(r.eax))),
  storeGdt: write((a) => a.sgdt(mem48(r.eax))),
  storeIdt: write((a) => a.sidt(mem48(r.eax))),
  loadTaskRegister: write((a) => a.ltr(r.ax)),
  readTaskRegister: read((a) => {
    a.str(r.ax);
    a.movzx(r.eax, r.ax);
  }),
  loadLdt: write((a) => a.lldt(r.ax)),
  clearTaskSwitched: plain((a) => a.clts()),
  readMsr: fixed({ takes: [ecx], gives: [eax, edx], code: (a) => a.rdmsr() }),
  writeMsr: fixed({ takes: [ecx, eax, edx], code: (a) => a.wrmsr() }),
  loadDataSegments: write((a) => {
    a.mov(r.ds, r.eax);
    a.mov(r.es, r.eax);
  }),
  loadFs: write((a) => a.mov(r.fs, r.eax)),
  loadGs: write((a) => a.mov(r.gs, r.eax)),
  readFs: read((a) => {
    a.mov(r.eax, r.fs);
    a.movzx(r.eax, r.ax);
  }),
  readGs: read((a) => {
    a.mov(r.eax, r.gs);
    a.movzx(r.eax, r.ax);
  }),
  readCs: read((a) => {
    a.mov(r.eax, r.cs);
    a.movzx(r.eax, r.ax);
  }),
};

/** Imports of `x86`: the machine's instructions in place. */
export const x86Imports: ImportResolver = (module, name) => {
  const emit = module === "x86" && Object.hasOwn(x86Intrinsics, name) ? x86Intrinsics[name] : undefined;
  return emit === undefined ? undefined : { kind: "inline", emit };
};
