import { voOperations } from "./vo-operations.ts";

/**
 * What metal code may call by the names `mercury:vo`, `mercury:vmm` and `mercury:switch`: function, parameters, result. Forwarders (toolchain),
 * ambient declarations for the editor (generate-metal.ts) and each layer's fits.ts come from this table.
 */
export interface MetalFunction {
  readonly name: string;
  readonly parameters: readonly { readonly name: string; readonly type: "u32" | "usize" | "u64" }[];
  readonly result: "void" | "u32" | "i32" | "u64" | "usize" | "bool";
  readonly meaning: string;
}

const word = (...names: string[]): MetalFunction["parameters"] => names.map((name) => ({ name, type: "u32" }));

/** Operations of the virtual objects that metal code calls; each becomes a site. Those of discipline `stub` stand in macro-assembler only. */
const voFunctions: readonly MetalFunction[] = Object.entries(voOperations)
  .filter(([, operation]) => operation.discipline !== "stub")
  .map(([name, operation]) => ({
    name,
    parameters: operation.parameters.map((parameter) => ({ name: parameter.name, type: "u32" as const })),
    result: operation.result === null ? ("void" as const) : ("u32" as const),
    meaning: operation.meaning,
  }));

/** The functions behind each name. */
export const metalContracts = {
  "mercury:vo": voFunctions,
  /** The VMM's half of the switch: one function per step and phase. They run in the VMM image, ring 0, interrupts off. */
  "mercury:vmm": [
    { name: "audit", parameters: word("frame"), result: "u32", meaning: "Recounts everything (sharedPage.audit); the number of the first finding, 0: none" },
    { name: "isActive", parameters: [], result: "bool", meaning: "The VMM owns the machine now" },
    { name: "strategy", parameters: [], result: "u32", meaning: "Number of the switch's strategy that the kernel's record asks for" },
    { name: "sealIntact", parameters: [], result: "bool", meaning: "The dormant VMM's own tables are as the warm-up left them" },
    { name: "linesInService", parameters: [], result: "u32", meaning: "Bit n: line n's interrupt has been taken and not been acknowledged, in the present mode" },
    { name: "adoptable", parameters: [], result: "u32", meaning: "0, or the reason why the current thread's descriptors cannot be taken over" },
    { name: "releasable", parameters: [], result: "u32", meaning: "0, or the reason why the VMM keeps the machine: other domains, always-on" },
    { name: "siteModified", parameters: word("form"), result: "u32", meaning: "0, or one plus the number of the first site that does not hold its native (0) or virtual (1) body" },
    { name: "startEpoch", parameters: [], result: "void", meaning: "Forgets what every zone frame was" },
    { name: "validateAll", parameters: [], result: "u32", meaning: "Validates every directory and its leaves now; 0 or a reason" },
    { name: "validateRunning", parameters: [], result: "u32", meaning: "Validates the running directory and its leaves now; 0 or a reason" },
    { name: "failureDetail", parameters: [], result: "u32", meaning: "What the last reason was about" },
    { name: "adoptMemory", parameters: [], result: "void", meaning: "The running directory becomes the first domain's" },
    { name: "adoptDescriptors", parameters: [], result: "void", meaning: "TLS slots, kernel stack and trap table of the current thread; loads GDT, IDT and TR" },
    { name: "adoptInterrupts", parameters: [], result: "void", meaning: "Takes the line masks over" },
    { name: "adoptProcessor", parameters: [], result: "void", meaning: "Debug registers and SYSENTER" },
    { name: "patchSites", parameters: word("form"), result: "void", meaning: "Writes the native (0) or virtual (1) body into every site" },
    { name: "enterVirtual", parameters: word("frame"), result: "void", meaning: "Loads the landing directory, drops all translations, turns the frame of the entry (vmmFrame) to ring 1" },
    { name: "releaseInterrupts", parameters: [], result: "void", meaning: "Masks go back, pending ports are left for the kernel to replay" },
    { name: "releaseDescriptors", parameters: [], result: "void", meaning: "Native GDT, IDT and TR" },
    { name: "releaseProcessor", parameters: [], result: "void", meaning: "Debug registers and SYSENTER" },
    { name: "enterNative", parameters: word("frame"), result: "void", meaning: "CR3 := the domain's directory, drops all translations, turns the frame of the entry (vmmFrame) to ring 0" },
    { name: "framesScanned", parameters: [], result: "u32", meaning: "Zone frames scanned by the last attach" },
    { name: "tablesValidated", parameters: [], result: "u32", meaning: "Tables validated by the last attach" },
  ],
  /** The kernel's side of the switch. */
  "mercury:switch": [
    { name: "requestSwitch", parameters: word("target"), result: "i32",
      meaning: "Goes to mode 0 (native) or 1 (virtual) now; 0 or a negated errno. The report is in sharedPage.report" },
    { name: "requestAudit", parameters: [], result: "i32", meaning: "Has the VMM recount everything, in either mode; the number of the first finding (sharedPage.audit), or a negated errno" },
    { name: "strategyCount", parameters: [], result: "u32", meaning: "Strategies that the switch has; number 0 is the default" },
    { name: "strategyName", parameters: word("strategy"), result: "usize",
      meaning: "Address of a strategy's name, NUL-terminated: the descriptor's list in its order, and \"unknown\" for a number beyond it" },
  ],
} as const satisfies Record<string, readonly MetalFunction[]>;

/** A name by which metal code reaches another layer. */
export type MercuryName = keyof typeof metalContracts;
