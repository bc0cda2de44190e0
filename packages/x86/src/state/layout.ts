/**
 * Where one CPU keeps its state: byte offsets from its base pointer. Everything that lives between two instructions
 * is here or in guest RAM, so that a snapshot is a copy and every tier shares it.
 */
export const at = {
  /** EAX ECX EDX EBX ESP EBP ESI EDI, 4 bytes each, in encoding order (SDM 2A table 2-2). */
  registers: 0,
  eax: 0,
  ecx: 4,
  edx: 8,
  ebx: 12,
  esp: 16,
  ebp: 20,
  esi: 24,
  edi: 28,
  eip: 32,
  /** Always 0: what an address without base or index adds. */
  zero: 36,
  /** EFLAGS without the six status flags: their bits are 0 here. */
  eflags: 40,
  /** CF, 0 or 1. */
  carry: 44,
  /** 64 bits that hold SF, ZF and PF, see `flags.ts`. */
  result: 48,
  resultHigh: 52,
  /** OF is the sign bit. */
  overflow: 56,
  /** AF is bit 4. */
  auxiliary: 60,
  /** Instructions that may still begin before `run` looks around; falls, retired = limit - budget. */
  budget: 64,
  /** What decoded blocks depend on besides their bytes: bits of {@link mode}. */
  mode: 68,
  /** Address of the TLB of the current privilege level. */
  tlb: 72,
  cpl: 76,
  /** INTR: the interrupt controller has a request (SDM 3A 6.3.2). */
  interrupt: 80,
  /** HLT or SHUTDOWN: no instruction begins. Values of {@link activity}. */
  activity: 84,
  /** 64 bits: instructions retired when the budget reaches 0. */
  limit: 88,
  /** 64 bits: while retired equals it, interrupts are inhibited (STI, MOV SS, POP SS: SDM 3A 6.8.3). */
  shadow: 96,
  cr0: 104,
  cr2: 108,
  cr3: 112,
  cr4: 116,
  sysenterCs: 120,
  sysenterEsp: 124,
  sysenterEip: 128,
  gdtBase: 132,
  gdtLimit: 136,
  idtBase: 140,
  idtLimit: 144,
  /** DR0 to DR3, then DR6 and DR7. */
  debug: 148,
  dr6: 164,
  dr7: 168,
  /** 1: an NMI has been taken and no IRET since (SDM 3A 6.7.1). */
  nmiBlocked: 172,
  /** 64 bits: added to the clock to give the TSC. */
  tscOffset: 176,
  /** Highest linear address of flat segments, for each of the three TLBs. */
  flatLimit: 184,
  /** 1: NMI is requested. */
  nmi: 196,
  /** 1: generated code left because the next block is longer than the budget. */
  tail: 200,
  /** 1: what ran last was an iteration of a repeated instruction, and more of them follow. */
  iterating: 204,
  /** Segment caches: ES CS SS DS FS GS LDTR TR, {@link segmentSize} bytes each, in encoding order. */
  segments: 256,
  /** Counts for statistics: exceptions delivered, by vector 0 to 31. */
  exceptionCounts: 512,
  /** Hardware interrupts delivered. */
  interruptCount: 640,
  /**
   * The x87 data registers by their physical numbers R0 to R7, 16 bytes each: the significand, which is also the MMX
   * register of that number, then sign and exponent in 16 bits (SDM 1 8.1.2, 9.2.2).
   */
  fpuRegisters: 768,
  /** XMM0 to XMM7, 16 bytes each. */
  xmm: 896,
  /** MXCSR (SDM 1 10.2.3). */
  mxcsr: 1024,
  /** x87 control word (SDM 1 8.1.5). */
  fpuControl: 1028,
  /** x87 status word with zeros for TOP (SDM 1 8.1.3). */
  fpuStatus: 1032,
  /** TOP, 0 to 7: the physical register that is ST(0). */
  fpuTop: 1036,
  /** Bit n: register Rn is not empty, as in FXSAVE's abridged tag word (SDM 1 10.5.1.1). */
  fpuTags: 1040,
  /** Last x87 instruction that was no control instruction: its 11 opcode bits, its place, and its operand's (SDM 1 8.1.8). */
  fpuOpcode: 1044,
  fpuInstructionOffset: 1048,
  fpuInstructionSelector: 1052,
  fpuDataOffset: 1056,
  fpuDataSelector: 1060,
  /** 16 bytes on their way between generated code and the host: operands and memory wider than a word. */
  wide: 1088,
  /** Which registers may not be used now: bits of {@link unavailable}, out of CR0 and CR4. */
  unavailable: 1104,
  /** Bits of CPUID leaf 1, EDX, that are not shown though the features are there. */
  hiddenFeatures: 1108,
  /** EFER, low half (SDM 4 table 2-2, C0000080H). */
  efer: 1280,
  /** Bits of DR6 for a debug trap that is due at the next instruction boundary, 0 when none is (SDM 3B 17.3.1). */
  debugPending: 1284,
  /** 64 bits: while retired equals it, debug exceptions wait as well as interrupts (MOV SS, POP SS: SDM 3A 6.8.3). */
  debugShadow: 1288,
  /** PDPTE0 to PDPTE3, 8 bytes each: loaded with CR3, not read from memory again (SDM 3A 4.4.1). */
  pointers: 1296,
  /** IA32_APIC_BASE, 64 bits, as the registers that follow. */
  apicBase: 1328,
  /** IA32_PAT (SDM 3A 11.12.2). */
  pat: 1336,
  /** IA32_BIOS_SIGN_ID. */
  microcode: 1344,
  miscEnable: 1352,
  machineCheckStatus: 1360,
  /** Memory type range registers: default type, eleven fixed ones, eight pairs. */
  mtrrDefault: 1368,
  mtrrFixed: 1376,
  mtrrVariable: 1464,
  /** SMRAM-free end of the block. */
  end: 2048,
} as const;

export const segmentSize = 32;
/** Offsets inside a segment cache. */
export const segment = {
  selector: 0,
  base: 4,
  /** Lowest and highest valid offset; low > high: unusable. */
  low: 8,
  high: 12,
  /** Bit 0 readable, bit 1 writable by data accesses. */
  rights: 16,
  /** Access byte (bits 0-7) and G, D/B, L, AVL (bits 12-15) of the descriptor: its second dword shifted right by 8. */
  attributes: 20,
  /** Limit in bytes, scaled. */
  limit: 24,
} as const;

/** Numbers of segment registers in encoding order, then the two system segments. */
export const ES = 0;
export const CS = 1;
export const SS = 2;
export const DS = 3;
export const FS = 4;
export const GS = 5;
export const LDTR = 6;
export const TR = 7;

/** Bits of `at.mode`. */
export const mode = {
  code32: 0x1,
  stack32: 0x2,
  /** SS, DS or ES is flat: base 0, read and write, from 0 to the flat limit of the current TLB. */
  flatSS: 0x4,
  flatDS: 0x8,
  flatES: 0x10,
  /** CS ends at a page boundary and starts at one: jumps inside a page need no check of their own. */
  pagedCS: 0x20,
  /** Real or virtual-8086 mode: instructions of protected mode are undefined. */
  segmentsAreParagraphs: 0x40,
} as const;

/** Bits of `at.unavailable`: using MMX or XMM registers raises #UD or #NM (SDM 3A 2.5, 12.1, 13.1). */
export const unavailable = { mmx: 1, xmm: 2 } as const;

/** ES in the x87 status word: an unmasked exception is pending (SDM 1 8.1.3.3). */
export const FPU_PENDING = 0x80;

/** Values of `at.activity` (SDM 3C 24.4.2 names them so). */
export const activity = { active: 0, halted: 1, shutdown: 2 } as const;

/** Bits of EFLAGS (SDM 1 3.4.3). */
export const eflags = {
  CF: 0x1,
  fixed: 0x2,
  PF: 0x4,
  AF: 0x10,
  ZF: 0x40,
  SF: 0x80,
  TF: 0x100,
  IF: 0x200,
  DF: 0x400,
  OF: 0x800,
  IOPL: 0x3000,
  NT: 0x4000,
  RF: 0x10000,
  VM: 0x20000,
  AC: 0x40000,
  VIF: 0x80000,
  VIP: 0x100000,
  ID: 0x200000,
} as const;
export const statusFlags: number = eflags.CF | eflags.PF | eflags.AF | eflags.ZF | eflags.SF | eflags.OF;

/** Bits of CR0 and CR4 (SDM 3A 2.5). */
export const cr0 = {
  PE: 0x1,
  MP: 0x2,
  EM: 0x4,
  TS: 0x8,
  ET: 0x10,
  NE: 0x20,
  WP: 0x10000,
  AM: 0x40000,
  NW: 0x20000000,
  CD: 0x40000000,
  PG: -0x80000000,
} as const;
/** Bits of EFER that exist without 64-bit mode (SDM 4 table 2-2, C0000080H). */
export const efer = { NXE: 0x800 } as const;
export const cr4 = { VME: 1, PVI: 2, TSD: 4, DE: 8, PSE: 16, PAE: 32, MCE: 64, PGE: 128, PCE: 256, OSFXSR: 512, OSXMMEXCPT: 1024 } as const;
