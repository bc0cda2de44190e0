import type { FloatingRegisters } from "../layer.ts";
import type { CpuRegisters } from "../layer.ts";

/** All that a register's value can be taken from. */
export interface RegisterSource {
  readonly registers: CpuRegisters;
  readonly floating: FloatingRegisters;
}

/** One register as gdb sees it. */
export interface GdbRegister {
  readonly name: string;
  readonly bits: 32 | 80 | 128;
  /** Of the target description (GDB manual, appendix G.2). */
  readonly type: string;
  readonly group?: "float" | "vector" | "system";
  readonly read: (source: RegisterSource) => Uint8Array;
}

/** A set of registers with the name that gdb knows it by; gdb finds registers by name inside a feature (appendix G.5.5). */
export interface RegisterFeature {
  readonly name: string;
  readonly registers: readonly GdbRegister[];
}

function little(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

const word = (name: keyof CpuRegisters, type = "int32"): GdbRegister => ({
  name,
  bits: 32,
  type,
  read: ({ registers }) => little(registers[name]),
});
const control = (name: string, value: (floating: FloatingRegisters) => number): GdbRegister => ({
  name,
  bits: 32,
  type: "int",
  group: "float",
  read: ({ floating }) => little(value(floating)),
});
const numbers = [0, 1, 2, 3, 4, 5, 6, 7];
const system = (name: string, value: (registers: CpuRegisters) => number): GdbRegister => ({
  name,
  bits: 32,
  type: "int32",
  group: "system",
  read: ({ registers }) => little(value(registers)),
});

/** The registers in the order of gdb's `g` packet. */
export const features: readonly RegisterFeature[] = [
  {
    name: "org.gnu.gdb.i386.core",
    registers: [
      ...(["eax", "ecx", "edx", "ebx"] as const).map((name) => word(name)),
      ...(["esp", "ebp"] as const).map((name) => word(name, "data_ptr")),
      ...(["esi", "edi"] as const).map((name) => word(name)),
      word("eip", "code_ptr"),
      word("eflags", "i386_eflags"),
      ...(["cs", "ss", "ds", "es", "fs", "gs"] as const).map((name) => word(name)),
      ...numbers.map((number): GdbRegister => ({
        name: `st${number}`,
        bits: 80,
        type: "i387_ext",
        group: "float",
        read: ({ floating }) => floating.st[number] ?? new Uint8Array(10),
      })),
      control("fctrl", ({ control: value }) => value),
      control("fstat", ({ status }) => status),
      control("ftag", ({ tags }) => tags),
      control("fiseg", ({ instructionSelector }) => instructionSelector),
      control("fioff", ({ instructionOffset }) => instructionOffset),
      control("foseg", ({ dataSelector }) => dataSelector),
      control("fooff", ({ dataOffset }) => dataOffset),
      control("fop", ({ opcode }) => opcode),
    ],
  },
  {
    name: "org.gnu.gdb.i386.sse",
    registers: [
      ...numbers.map((number): GdbRegister => ({
        name: `xmm${number}`,
        bits: 128,
        type: "vec128",
        group: "vector",
        read: ({ floating }) => floating.xmm[number] ?? new Uint8Array(16),
      })),
      { name: "mxcsr", bits: 32, type: "i386_mxcsr", group: "vector", read: ({ floating }) => little(floating.mxcsr) },
    ],
  },
  {
    name: "org.mercury.i386.system",
    registers: [
      system("cr0", ({ cr0 }) => cr0),
      system("cr2", ({ cr2 }) => cr2),
      system("cr3", ({ cr3 }) => cr3),
      system("cr4", ({ cr4 }) => cr4),
      system("gdtr_base", ({ gdtBase }) => gdtBase),
      system("gdtr_limit", ({ gdtLimit }) => gdtLimit),
      system("idtr_base", ({ idtBase }) => idtBase),
      system("idtr_limit", ({ idtLimit }) => idtLimit),
      system("ldtr", ({ ldtr }) => ldtr),
      system("tr", ({ tr }) => tr),
      system("cpl", ({ cpl }) => cpl),
    ],
  },
];

/** All registers; their position is gdb's number. */
export const gdbRegisters: readonly GdbRegister[] = features.flatMap(({ registers }) => registers);

/** Bits of registers that gdb shows by name (SDM 1 figures 3-8 and 10-3). */
const flagTypes = [
  {
    id: "i386_eflags",
    fields: { CF: 0, PF: 2, AF: 4, ZF: 6, SF: 7, TF: 8, IF: 9, DF: 10, OF: 11, NT: 14, RF: 16, VM: 17, AC: 18, VIF: 19, VIP: 20, ID: 21 },
  },
  { id: "i386_mxcsr", fields: { IE: 0, DE: 1, ZE: 2, OE: 3, UE: 4, PE: 5, DAZ: 6, IM: 7, DM: 8, ZM: 9, OM: 10, UM: 11, PM: 12, FZ: 15 } },
] as const;

const flags = flagTypes
  .map(({ id, fields }) => {
    const lines = Object.entries(fields).map(([name, bit]) => `<field name="${name}" start="${bit}" end="${bit}"/>`);
    return `<flags id="${id}" size="4">${lines.join("")}</flags>`;
  })
  .join("");

/** An XMM register in its parts. */
const vectors =
  '<vector id="v4f" type="ieee_single" count="4"/><vector id="v2d" type="ieee_double" count="2"/><vector id="v16i8" type="int8" count="16"/>' +
  '<vector id="v8i16" type="int16" count="8"/><vector id="v4i32" type="int32" count="4"/><vector id="v2i64" type="int64" count="2"/>' +
  '<union id="vec128"><field name="v4_float" type="v4f"/><field name="v2_double" type="v2d"/><field name="v16_int8" type="v16i8"/>' +
  '<field name="v8_int16" type="v8i16"/><field name="v4_int32" type="v4i32"/><field name="v2_int64" type="v2i64"/>' +
  '<field name="uint128" type="uint128"/></union>';

function describe({ name, registers }: RegisterFeature): string {
  const lines = registers.map((one) => {
    const group = one.group === undefined ? "" : ` group="${one.group}"`;
    return `<reg name="${one.name}" bitsize="${one.bits}" type="${one.type}"${group}/>`;
  });
  return `<feature name="${name}">${flags}${vectors}${lines.join("")}</feature>`;
}

/** The target description that `qXfer:features:read:target.xml` answers with (GDB manual, appendix G). */
export const targetDescription: string =
  '<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd">' +
  `<target version="1.0"><architecture>i386</architecture>${features.map(describe).join("")}</target>`;
