/**
 * Hypercalls: `int 0x82` with the number in EAX, arguments in EBX, ECX, EDX, the result in EAX (0 or more, or a negated errno); every other
 * register is preserved. Ring 1 only (gate of DPL 1). docs/hypercalls.md says each in prose.
 */
export interface Hypercall {
  readonly number: number;
  /** Names of EBX, ECX, EDX. */
  readonly arguments: readonly string[];
  /** Error numbers that it may return. */
  readonly errors: readonly string[];
  /** `any` domain, or the `first` one (which owns the devices). */
  readonly caller: "any" | "first";
  readonly meaning: string;
}

/** Every hypercall: its number, registers, errors and caller. docs/hypercalls.md is the specification in prose. */
export const hypercalls = {
  deliverEvents: { number: 0, arguments: [], errors: [], caller: "any",
    meaning: "Sets the virtual interrupt flag and delivers what is pending, as if at the instruction after the call." },
  returnFromTrap: { number: 1, arguments: [], errors: [], caller: "any",
    meaning: "Returns through the frame {eax, eip, cs, eflags[, esp, ss]} on the caller's stack, sets the virtual interrupt flag from its IF and delivers what is pending. Does not return." },
  idle: { number: 2, arguments: [], errors: [], caller: "any", meaning: "Sets the virtual interrupt flag and waits until an event was delivered." },
  loadSpace: { number: 3, arguments: ["directory"], errors: ["EINVAL", "EPERM"], caller: "any",
    meaning: "Loads the directory at a machine address, which is validated at its first load." },
  flushPage: { number: 4, arguments: ["address"], errors: [], caller: "any", meaning: "Drops one translation." },
  flushSpace: { number: 5, arguments: [], errors: [], caller: "any", meaning: "Drops all non-global translations." },
  setEntry: { number: 6, arguments: ["entry", "value"], errors: ["EPERM", "EFAULT", "EBUSY"], caller: "any",
    meaning: "Writes one table entry, given by its direct-map address." },
  exchangeEntry: { number: 7, arguments: ["entry", "value"], errors: ["EPERM", "EFAULT", "EBUSY"], caller: "any",
    meaning: "Writes one table entry; the old value comes back in EDX." },
  updateEntries: { number: 8, arguments: ["list", "count"], errors: ["EPERM", "EFAULT", "EBUSY", "E2BIG"], caller: "any",
    meaning: "Writes entries from an array of entryUpdate, in order; stops at the first that is refused." },
  clearEntries: { number: 9, arguments: ["entry", "count"], errors: ["EFAULT", "EPERM"], caller: "any", meaning: "Zeroes consecutive entries of one table." },
  forkEntries: { number: 10, arguments: ["destination", "source", "count"], errors: ["EFAULT", "EPERM"], caller: "any",
    meaning: "Copies leaf entries with copy-on-write (voOperations.forkEntries)." },
  prepareDirectory: { number: 11, arguments: ["directory"], errors: ["EFAULT", "EBUSY"], caller: "any", meaning: "Makes an unused zone frame an empty address space." },
  releaseTable: { number: 12, arguments: ["table"], errors: ["EFAULT", "EBUSY"], caller: "any", meaning: "Gives a table frame back to the unused ones." },
  setKernelStack: { number: 13, arguments: ["top"], errors: ["EINVAL"], caller: "any", meaning: "SS1:ESP1 of the task state: where traps from ring 3 put their frame." },
  setTls: { number: 14, arguments: ["slot", "low", "high"], errors: ["EINVAL"], caller: "any", meaning: "Writes TLS descriptor 0 to 2." },
  loadTraps: { number: 15, arguments: ["table", "count"], errors: ["EFAULT"], caller: "any", meaning: "Registers the kernel's trap handlers." },
  readPort: { number: 16, arguments: ["port", "bits"], errors: ["EINVAL", "EPERM"], caller: "first", meaning: "Reads 8, 16 or 32 bits; the value is the result." },
  writePort: { number: 17, arguments: ["port", "bits", "value"], errors: ["EINVAL", "EPERM"], caller: "first", meaning: "Writes 8, 16 or 32 bits." },
  maskLine: { number: 18, arguments: ["line"], errors: ["EINVAL"], caller: "first", meaning: "Masks an interrupt line." },
  unmaskLine: { number: 19, arguments: ["line"], errors: ["EINVAL"], caller: "first", meaning: "Unmasks an interrupt line." },
  acknowledgeLine: { number: 20, arguments: ["line"], errors: ["EINVAL"], caller: "first", meaning: "The line's handler has run; the VMM unmasks the line that it masked when it took the interrupt." },
  writeConsole: { number: 21, arguments: ["text", "length"], errors: ["EFAULT", "E2BIG"], caller: "any", meaning: "Appends bytes to the VMM's console." },
  version: { number: 22, arguments: [], errors: [], caller: "any", meaning: "The interface version." },
} as const satisfies Record<string, Hypercall>;

/** Name of a hypercall. */
export type HypercallName = keyof typeof hypercalls;
