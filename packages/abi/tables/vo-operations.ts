import { memoryMap, tableDelta } from "./memory-map.ts";

/** Where an operand lies when the site is reached. `stack`: the top word, which the native instruction pops or pushes. */
export type OperandPlace = "eax" | "edx" | "ecx" | "stack";

/** An operand of an operation, and where it lies at the site. */
export interface VoOperand {
  readonly name: string;
  readonly place: OperandPlace;
}

/** A 32-bit absolute field inside a template: a linear address, or a symbol of the kernel image plus an addend. */
export type TemplateField = { readonly address: number } | { readonly symbol: string; readonly addend: number };

/** One body of a site. `code`: the bytes of the instruction; `call`/`jump`: E8/E9 to a symbol of the kernel image. */
export type SiteBody =
  | { readonly kind: "code"; readonly assembly: string; readonly bytes: readonly (number | TemplateField)[] }
  | { readonly kind: "call"; readonly target: string }
  | { readonly kind: "jump"; readonly target: string };

/** One operation of the virtual objects: operands, result, and its body in each mode. */
export interface VoOperation {
  /** The virtual object that the operation belongs to. */
  readonly object: "cpu" | "mmu" | "interrupt" | "io";
  readonly parameters: readonly VoOperand[];
  /** Where the result is, and how many of its low bits the instruction defines (the compiler extends with zeros). */
  readonly result: { readonly place: OperandPlace; readonly bits: 8 | 16 | 32 } | null;
  readonly native: SiteBody;
  readonly virtual: SiteBody;
  /** Bytes of the site: the longer body; the shorter one is stretched by ignored segment prefixes. */
  readonly length: number;
  /** `one`: one instruction, legal at any moment. `off`: a call that the caller makes with interrupts off. `stub`: only for macro-assembler. */
  readonly discipline: "one" | "off" | "stub";
  /** What the operation does, in the words of its contract. */
  readonly meaning: string;
}

const code = (assembly: string, ...bytes: (number | TemplateField)[]): SiteBody => ({ kind: "code", assembly, bytes });
const call = (target: string): SiteBody => ({ kind: "call", target });
const jump = (target: string): SiteBody => ({ kind: "jump", target });
const eax = (name: string): VoOperand => ({ name, place: "eax" });
const edx = (name: string): VoOperand => ({ name, place: "edx" });
const ecx = (name: string): VoOperand => ({ name, place: "ecx" });

/** Linear addresses of the fields that sites name; structures.ts lays the shared page out so that they come first. */
export const sharedFields = {
  virtualInterruptFlag: memoryMap.sharedPage + 0,
  pendingEvents: memoryMap.sharedPage + 4,
  faultAddress: memoryMap.sharedPage + 8,
} as const;

/** A function of the kernel image called with interrupts off: `native_NAME` and `virtual_NAME`, both exported by the VO layer's metal. */
const cold = (name: string, object: VoOperation["object"], parameters: readonly VoOperand[], meaning: string): VoOperation => ({
  object, parameters, result: null, native: call(`native_${name}`), virtual: call(`virtual_${name}`), length: 5, discipline: "off", meaning,
});

/**
 * Every operation that the kernel performs on the machine, and both of its bodies. The kernel touches the machine in no other way.
 *
 * An operation is one instruction at a patched site, or runs with interrupts off (design: "Sites"), so every instruction boundary with
 * interrupts on is a moment at which the mode may change. A site clobbers what its native instruction does, plus the arithmetic flags and,
 * for the optimiser, memory; thunks preserve everything else.
 */
export const voOperations = {
  disableInterrupts: {
    object: "interrupt", parameters: [], result: null, length: 7, discipline: "one",
    native: code("cli", 0xfa),
    virtual: code("mov byte [vif+1], 0", 0xc6, 0x05, { address: sharedFields.virtualInterruptFlag + 1 }, 0x00),
    meaning: "No interrupt or event is taken from here on.",
  },
  enableInterrupts: {
    object: "interrupt", parameters: [], result: null, length: 5, discipline: "one",
    native: code("sti", 0xfb), virtual: call("thunk_enableInterrupts"),
    meaning: "Interrupts or events are taken again; one that waits is taken at once.",
  },
  saveFlags: {
    object: "interrupt", parameters: [], result: { place: "stack", bits: 32 }, length: 6, discipline: "one",
    native: code("pushfd", 0x9c), virtual: code("push dword [vif]", 0xff, 0x35, { address: sharedFields.virtualInterruptFlag }),
    meaning: "A word whose bit 9 (IF) tells whether interrupts are taken; the same encoding in both modes.",
  },
  restoreFlags: {
    object: "interrupt", parameters: [{ name: "flags", place: "stack" }], result: null, length: 5, discipline: "one",
    native: code("popfd", 0x9d), virtual: call("thunk_restoreFlags"),
    meaning: "Takes interrupts again, or not, as bit 9 of a word from saveFlags says.",
  },
  returnFromTrap: {
    object: "interrupt", parameters: [], result: null, length: 5, discipline: "stub",
    native: code("iretd", 0xcf), virtual: jump("thunk_returnFromTrap"),
    meaning: "Returns through the trap frame on the stack, whose flags carry the true IF in both modes.",
  },
  idle: {
    object: "cpu", parameters: [], result: null, length: 5, discipline: "one",
    native: code("sti; hlt", 0xfb, 0xf4), virtual: call("thunk_idle"),
    meaning: "Enables interrupts and waits for one. Nothing is taken between the two (SDM 2B STI), so the pair counts as one instruction.",
  },
  readFaultAddress: {
    object: "cpu", parameters: [], result: { place: "eax", bits: 32 }, length: 5, discipline: "one",
    native: code("mov eax, cr2", 0x0f, 0x20, 0xd0), virtual: code("mov eax, [faultAddress]", 0xa1, { address: sharedFields.faultAddress }),
    meaning: "The linear address of the last page fault; interrupts stay off from the fault until it is read.",
  },
  setKernelStack: {
    object: "cpu", parameters: [eax("top")], result: null, length: 5, discipline: "one",
    native: code("mov [tss.esp0], eax", 0xa3, { symbol: "native_taskState", addend: 4 }), virtual: call("thunk_setKernelStack"),
    meaning: "Where the processor puts the frame of the next trap from user mode (TSS.ESP0, SDM 3A 7.2.1).",
  },
  loadSpace: {
    object: "mmu", parameters: [eax("directory")], result: null, length: 5, discipline: "one",
    native: code("mov cr3, eax", 0x0f, 0x22, 0xd8), virtual: call("thunk_loadSpace"),
    meaning: "Makes the directory at a machine address the current address space and drops its non-global translations.",
  },
  flushPage: {
    object: "mmu", parameters: [eax("address")], result: null, length: 5, discipline: "one",
    native: code("invlpg [eax]", 0x0f, 0x01, 0x38), virtual: call("thunk_flushPage"),
    meaning: "Drops the translation of one linear address.",
  },
  setEntry: {
    object: "mmu", parameters: [eax("entry"), edx("value")], result: null, length: 6, discipline: "one",
    native: code("mov [eax+DELTA], edx", 0x89, 0x90, { address: tableDelta }), virtual: call("thunk_setEntry"),
    meaning: "Writes a table entry, named by its read-only address in the direct map.",
  },
  exchangeEntry: {
    object: "mmu", parameters: [eax("entry"), edx("value")], result: { place: "edx", bits: 32 }, length: 6, discipline: "one",
    native: code("xchg [eax+DELTA], edx", 0x87, 0x90, { address: tableDelta }), virtual: call("thunk_exchangeEntry"),
    meaning: "Writes a table entry and gives the old one, accessed and dirty bits included.",
  },
  in8: {
    object: "io", parameters: [edx("port")], result: { place: "eax", bits: 8 }, length: 5, discipline: "one",
    native: code("in al, dx", 0xec), virtual: call("thunk_in8"), meaning: "Reads a byte from a port.",
  },
  in16: {
    object: "io", parameters: [edx("port")], result: { place: "eax", bits: 16 }, length: 5, discipline: "one",
    native: code("in ax, dx", 0x66, 0xed), virtual: call("thunk_in16"), meaning: "Reads a word from a port.",
  },
  in32: {
    object: "io", parameters: [edx("port")], result: { place: "eax", bits: 32 }, length: 5, discipline: "one",
    native: code("in eax, dx", 0xed), virtual: call("thunk_in32"), meaning: "Reads a doubleword from a port.",
  },
  out8: {
    object: "io", parameters: [edx("port"), eax("value")], result: null, length: 5, discipline: "one",
    native: code("out dx, al", 0xee), virtual: call("thunk_out8"), meaning: "Writes a byte to a port.",
  },
  out16: {
    object: "io", parameters: [edx("port"), eax("value")], result: null, length: 5, discipline: "one",
    native: code("out dx, ax", 0x66, 0xef), virtual: call("thunk_out16"), meaning: "Writes a word to a port.",
  },
  out32: {
    object: "io", parameters: [edx("port"), eax("value")], result: null, length: 5, discipline: "one",
    native: code("out dx, eax", 0xef), virtual: call("thunk_out32"), meaning: "Writes a doubleword to a port.",
  },

  loadTraps: cold("loadTraps", "cpu", [eax("table"), edx("count")],
    "Installs the kernel's trap handlers from an array of trapEntry (structures.ts) that stays where it is; loads GDT and TSS natively."),
  setTls: cold("setTls", "cpu", [eax("slot"), edx("low"), ecx("high")],
    "Writes descriptor 0, 1 or 2 of the current thread's local storage; a descriptor that is not a DPL-3 data segment is refused by the caller."),
  maskLine: cold("maskLine", "interrupt", [eax("line")], "Line 0 to 15 interrupts no more."),
  unmaskLine: cold("unmaskLine", "interrupt", [eax("line")], "Line 0 to 15 interrupts again."),
  acknowledgeLine: cold("acknowledgeLine", "interrupt", [eax("line")], "The handler of the line has taken the interrupt: the controller may send the next."),
  initializeLines: cold("initializeLines", "interrupt", [], "Sets the interrupt controllers to vectors.irqBase, all lines masked but the cascade."),
  prepareDirectory: cold("prepareDirectory", "mmu", [eax("directory")],
    "Makes an unused zone frame (direct-map address) an address space: the kernel's half in place, the user half empty."),
  clearEntries: cold("clearEntries", "mmu", [eax("entry"), edx("count")],
    "Zeroes consecutive entries of one table; an unused zone frame becomes an empty table by clearing all 1024."),
  forkEntries: cold("forkEntries", "mmu", [eax("destination"), edx("source"), ecx("count")],
    "Copies consecutive leaf entries into an empty range of another table; a writable one that is not shared loses writable and gains copyOnWrite in both."),
  updateEntries: cold("updateEntries", "mmu", [eax("list"), edx("count")],
    "Writes entries from an array of entryUpdate (structures.ts), in order."),
  releaseTable: cold("releaseTable", "mmu", [eax("table")],
    "A leaf table or directory that no loaded or hooked table names any more goes back to being an unused zone frame."),
  flushSpace: cold("flushSpace", "mmu", [], "Drops all non-global translations of the current address space."),
  repairEntry: cold("repairEntry", "mmu", [eax("entry"), edx("value")],
    "Writes a table entry while the window itself may be missing from the loaded directory, as it may be after a detach."),
} as const satisfies Record<string, VoOperation>;

/** Name of an operation of the virtual objects. */
export type VoOperationName = keyof typeof voOperations;

/** Number of each operation in site tables, in the order of the table. */
export const voOperationNumbers: Readonly<Record<string, number>> = Object.fromEntries(
  Object.keys(voOperations).map((name, number) => [name, number]),
);

