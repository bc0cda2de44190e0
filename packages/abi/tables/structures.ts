/**
 * Structures that two images or two kinds of code read: fields in order, offsets computed, so that TypeScript and machine code agree.
 * Metal gets an `@unmanaged class` of each (generate-metal.ts); a gap must be written down as a field.
 */
export type FieldType = "u8" | "u16" | "u32" | "i32" | "u64";
/** One field of a structure; its offset follows from those before it. */
export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** Elements when the field is an array; metal then gets its offset only. */
  readonly count?: number;
  readonly meaning: string;
}
/** A structure that metal code of several layers reads and writes, field by field. */
export interface Structure {
  readonly meaning: string;
  readonly fields: readonly Field[];
  /** Bytes, checked against the fields. */
  readonly size: number;
}

const u8 = (name: string, meaning: string, count?: number): Field => field(name, "u8", meaning, count);
const u16 = (name: string, meaning: string, count?: number): Field => field(name, "u16", meaning, count);
const u32 = (name: string, meaning: string, count?: number): Field => field(name, "u32", meaning, count);
const i32 = (name: string, meaning: string, count?: number): Field => field(name, "i32", meaning, count);
const u64 = (name: string, meaning: string, count?: number): Field => field(name, "u64", meaning, count);
const field = (name: string, type: FieldType, meaning: string, count?: number): Field =>
  count === undefined ? { name, type, meaning } : { name, type, meaning, count };

/** Steps of the switch in order, as the report names them (interfaces.md: `step.NAME`). */
export const switchSteps = [
  "enter", "check", "memory", "descriptors", "interrupts", "time", "processor", "sites", "reload", "report",
] as const;

/** Every structure that the layers share, by name. */
export const structures = {
  sharedPage: {
    meaning: "The page that kernel and VMM share, at memoryMap.sharedPage; supervisor, writable from ring 1. The VMM trusts no field of it.",
    size: 4096,
    fields: [
      u32("virtualInterruptFlag", "0 or 0x200 (EFLAGS.IF itself): whether events may be delivered in virtual mode"),
      u32("pendingEvents", "Bit n: event port n waits. Ports 0 to 15 are the interrupt lines"),
      u32("faultAddress", "CR2 of the last forwarded page fault"),
      u32("mode", "0 native, 1 virtual; written by the switch only"),
      u32("lineMasks", "Bit n: line n is masked; the kernel's shadow of both controllers' mask registers"),
      u32("alwaysOn", "1 when the VMM booted first"),
      u32("testImage", "1 when the system was booted with fault points (the word inject on the command line)"),
      u32("injectPoint", "Test images: number of the step (switchSteps) that the next attempt refuses, plus one; 0: none"),
      // The clock record: one for both modes. now = nanoseconds + ((tsc - timeStamp) << or >> shift) * multiplier >> 32.
      u32("clockVersion", "Odd while the record is being written"),
      i32("clockShift", "Left shift of the tick difference before the multiplication; negative: right"),
      u64("clockTimeStamp", "Time stamp counter at the record's instant"),
      u64("clockNanoseconds", "Nanoseconds since boot at that instant"),
      u32("clockMultiplier", "Nanoseconds per shifted tick, as a 0.32 fraction"),
      u32("bootSeconds", "Seconds since 1970 at boot, UTC"),
      u32("ticksPerMillisecond", "Time stamp ticks per millisecond"),
      u32("nonMaskable", "Non-maskable interrupts that the kernel is handling: no switch starts while it is not 0"),
      u32("reserved1", "0", 14),
      u32("reserved2", "0", 224),
      u16("machineChunk", "P2M by chunk: machine chunk number of each pseudo-physical chunk; 0xFFFF: none", 512),
      u8("report", "The last switch: structure switchReport", 256),
      u8("stats", "Counters: structure switchStats", 512),
      u8("audit", "The last audit: structure auditReport", 32),
      u8("reserved3", "0", 1248),
    ],
  },
  switchReport: {
    meaning: "What /proc/mercury/last shows.",
    size: 256,
    fields: [
      u32("direction", "1 native->virtual, 2 virtual->native, 0 none yet"),
      i32("result", "0, or the negated errno"),
      u32("reason", "Index into switchReasons"),
      u32("strategy", "Number of a strategy of the switch (mercury:switch strategyName)"),
      u32("retries", "Attempts before this one"),
      u32("frames", "Zone frames scanned"),
      u32("tables", "Tables validated"),
      u32("detail", "What the reason is about (an address, a line, a site's number)"),
      u64("cycles", "Time stamp ticks from the dedicated interrupt to its return"),
      u64("interruptsOffCycles", "Ticks with interrupts off"),
      u64("steps", "Ticks of each step, in the order of switchSteps", 10),
      u8("reserved", "0", 128),
    ],
  },
  auditReport: {
    meaning: "What the last audit found first.",
    size: 32,
    fields: [
      u32("finding", "Index into auditFindings; 0: nothing"),
      u32("where", "Address, slot or number that the finding is about"),
      u32("expected", "What a recount gives"),
      u32("found", "What is there"),
      u32("directories", "Directories recounted"),
      u32("leaves", "Leaf tables recounted"),
      u32("entries", "Present leaf entries recounted"),
      u32("audits", "Audits since boot"),
    ],
  },
  switchStats: {
    meaning: "What /proc/mercury/stats shows.",
    size: 512,
    fields: [
      u32("attaches", "Completed switches native->virtual"),
      u32("detaches", "Completed switches virtual->native"),
      u32("failures", "Refused switches"),
      u32("retries", "Postponed switches"),
      u32("sites", "Patchable sites in the kernel image"),
      u32("emulated", "Privileged instructions that the VMM emulated for ring 1"),
      u32("tableWriteFaults", "Writes to page tables from ring 1 that faulted"),
      u32("deferredDirectories", "Directories validated on first load or touch"),
      u32("deferredLeaves", "Leaf tables validated on first touch"),
      u32("deferredSlots", "Directory slots parked"),
      u32("events", "Events delivered"),
      u32("eventsHeld", "Events that waited for the virtual interrupt flag or a thunk's end"),
      u32("forwardedFaults", "Exceptions forwarded to the kernel"),
      u32("killed", "Hypercalls that failed"),
      u32("reserved0", "0", 18),
      u32("hypercalls", "Hypercalls by number", 64),
      u32("reserved1", "0", 32),
    ],
  },
  trapEntry: {
    meaning: "One row of the kernel's trap table.",
    size: 8,
    fields: [
      u8("vector", "Vector"),
      u8("privilege", "DPL of the gate: 0 or 3"),
      u8("keepsInterrupts", "1: trap gate, the interrupt flag stays as it is; 0: interrupt gate"),
      u8("reserved", "0"),
      u32("handler", "Linear address of the entry stub"),
    ],
  },
  entryUpdate: {
    meaning: "One element of updateEntries.",
    size: 8,
    fields: [u32("entry", "Address of the entry in the direct map"), u32("value", "New value")],
  },
  siteRecord: {
    meaning: "One site of the kernel image. A body of L bytes (4 to 8) is two words that overlap: the first four bytes and the last four.",
    size: 24,
    fields: [
      u32("address", "Linear address of the site"),
      u16("length", "Bytes of the site"),
      u16("operation", "Number of the operation (voOperationNumbers)"),
      u32("nativeHead", "First four bytes of the native body"),
      u32("nativeTail", "Last four bytes of the native body"),
      u32("virtualHead", "First four bytes of the virtual body"),
      u32("virtualTail", "Last four bytes of the virtual body"),
    ],
  },
  kernelRecord: {
    meaning: "What the boot path tells the VMM about the kernel; lies in the kernel's data. Addresses are linear unless they say otherwise.",
    size: 128,
    fields: [
      u32("magic", "0x4B52434D, 'MCRK'"),
      u32("interfaceVersion", "interfaceVersion of contracts/version.ts"),
      u32("trapTable", "Array of trapEntry; 0 until the kernel installs it"),
      u32("trapCount", "Its length"),
      u32("taskState", "The native task-state segment"),
      u32("gdt", "The native descriptor table; its TLS slots are the current thread's"),
      u32("gdtDescriptor", "Six-byte operand of LGDT for native mode"),
      u32("idtDescriptor", "Six-byte operand of LIDT for native mode"),
      u32("masterDirectory", "Machine address of the master directory"),
      u32("zoneFrames", "Frames in the table zone"),
      u32("memoryEnd", "Bytes of RAM, a multiple of 4 KB (the end of the highest usable range below 4 GB)"),
      u32("vmmReserve", "Machine address of the VMM's reserve; 0 without a VMM"),
      u32("vmmReserveSize", "Its bytes"),
      u32("textStart", "Kernel text"),
      u32("textEnd", "Its end"),
      u32("siteTable", "Array of siteRecord"),
      u32("siteCount", "Its length"),
      u32("flagThunksStart", "Range in which an event is noted, the instruction pointer taken back to the thunk's start"),
      u32("flagThunksEnd", "Its end"),
      u32("hypercallThunksStart", "Range in which an event waits for the hypercall's exit"),
      u32("hypercallThunksEnd", "Its end"),
      u32("flagThunkStarts", "Array of the flag thunks' first addresses, ascending"),
      u32("flagThunkCount", "Its length"),
      u32("strategy", "Number of a strategy of the switch (mercury:switch strategyName)"),
      u32("commandLine", "The kernel's command line, NUL-terminated"),
      u32("reserved", "0", 7),
    ],
  },
  vmmFrame: {
    meaning: "What the VMM's entry stubs leave on its stack: pushed by them, by PUSHA, and by the processor. Entries from ring 0 end with flags.",
    size: 68,
    fields: [
      u32("es", "Selector"),
      u32("ds", "Selector"),
      u32("edi", "PUSHA's last register (SDM 2B PUSHA)"),
      u32("esi", "Register"),
      u32("ebp", "Register"),
      u32("pushedStack", "What PUSHA wrote of ESP; of no use"),
      u32("ebx", "Register; a hypercall's first argument"),
      u32("edx", "Register; its third"),
      u32("ecx", "Register; its second"),
      u32("eax", "Register; its number, then its result"),
      u32("vector", "Vector of the entry"),
      u32("error", "Error code, 0 where the processor pushes none"),
      u32("eip", "Where the guest goes on"),
      u32("cs", "Its code selector"),
      u32("flags", "Its EFLAGS"),
      u32("esp", "Its stack"),
      u32("ss", "Its stack selector"),
    ],
  },
  taskState: {
    meaning: "32-bit task-state segment (SDM 3A 7.2.1, figure 7-2); the halves that are reserved are part of the selectors' words.",
    size: 104,
    fields: [
      u32("link", "Previous task"),
      u32("esp0", "Stack of ring 0"),
      u32("ss0", "Its selector"),
      u32("esp1", "Stack of ring 1"),
      u32("ss1", "Its selector"),
      u32("esp2", "Stack of ring 2"),
      u32("ss2", "Its selector"),
      u32("cr3", "Directory of the task"),
      u32("eip", "Instruction pointer"),
      u32("flags", "EFLAGS"),
      u32("eax", "Register"),
      u32("ecx", "Register"),
      u32("edx", "Register"),
      u32("ebx", "Register"),
      u32("esp", "Register"),
      u32("ebp", "Register"),
      u32("esi", "Register"),
      u32("edi", "Register"),
      u32("es", "Selector"),
      u32("cs", "Selector"),
      u32("ss", "Selector"),
      u32("ds", "Selector"),
      u32("fs", "Selector"),
      u32("gs", "Selector"),
      u32("ldt", "Selector"),
      u16("trap", "Bit 0: debug trap on a switch to this task"),
      u16("ioBitmap", "Offset of the I/O permission bitmap; at or beyond the limit: no port is allowed"),
    ],
  },
  zoneRecord: {
    meaning: "What the VMM knows about one frame of the table zone.",
    size: 8,
    fields: [
      u32("epoch", "Epoch in which the rest was written; another one means: untyped"),
      u8("type", "0 untyped, 1 leaf table, 2 directory"),
      u8("reserved", "0"),
      u16("hooks", "Directory slots that name this leaf table"),
    ],
  },
  vmmHeader: {
    meaning: "First bytes of the VMM image, at memoryMap.vmmBase. The boot path and the native IDT reach the VMM through nothing else.",
    size: 64,
    fields: [
      u32("magic", "0x4D52434D, 'MCRM'"),
      u32("interfaceVersion", "interfaceVersion of contracts/version.ts"),
      u32("warmup", "Function (kernelRecord): u32, ring 0, called once at boot: prepares everything, leaves it dormant; 0 or an errno"),
      u32("bootFirst", "Function (entry, stackTop): never returns; takes the machine and starts the kernel's entry in ring 1"),
      u32("switchEntry", "Address for the native gate of vectors.modeSwitch"),
      u32("imageEnd", "Linear end of the image, zeroed data included"),
      u32("reserved", "0", 10),
    ],
  },
} as const satisfies Record<string, Structure>;

/** Name of a shared structure. */
export type StructureName = keyof typeof structures;

const sizes: Record<FieldType, number> = { u8: 1, u16: 2, u32: 4, i32: 4, u64: 8 };

/** Bytes of a field, all its elements. */
export function fieldSize(field: Field): number {
  return sizes[field.type] * (field.count ?? 1);
}

/** Byte offset of each field; throws where the sum is not the stated size or a field is not aligned to its type. */
export function layoutOf(name: string, structure: Structure): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>();
  let at = 0;
  for (const field of structure.fields) {
    if (at % sizes[field.type] !== 0) throw new RangeError(`${name}.${field.name} lies at ${at}, which is not aligned to ${field.type}`);
    offsets.set(field.name, at);
    at += fieldSize(field);
  }
  if (at !== structure.size) throw new RangeError(`${name} has ${at} bytes in its fields, ${structure.size} stated`);
  return offsets;
}
