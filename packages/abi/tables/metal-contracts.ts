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

export const metalContracts = {
  "mercury:vo": voFunctions,
  /** The VMM's half of the switch: one function per step and phase. They run in the VMM image, ring 0, interrupts off. */
  "mercury:vmm": [
    { name: "sealIntact", parameters: [], result: "bool", meaning: "The dormant VMM's own tables are as the warm-up left them" },
    { name: "adoptable", parameters: [], result: "u32", meaning: "0, or the reason why the current thread's descriptors cannot be taken over" },
    { name: "adoptMemory", parameters: word("directory"), result: "void", meaning: "Starts a new epoch; the running directory becomes the first domain's" },
    { name: "validateAll", parameters: [], result: "u32", meaning: "Validates every directory and leaf now; 0 or a reason" },
    { name: "adoptDescriptors", parameters: [], result: "void", meaning: "TLS slots, kernel stack and tables of the current thread; loads GDT, IDT and TR" },
    { name: "adoptInterrupts", parameters: [], result: "void", meaning: "Takes the line masks over" },
    { name: "adoptProcessor", parameters: [], result: "void", meaning: "Debug registers and SYSENTER" },
    { name: "enterLanding", parameters: [], result: "void", meaning: "Loads the landing directory and drops all translations" },
    { name: "domainsAlive", parameters: [], result: "u32", meaning: "Domains besides the first" },
    { name: "releaseInterrupts", parameters: [], result: "void", meaning: "Masks go back, pending ports are left for the kernel to replay" },
    { name: "releaseDescriptors", parameters: [], result: "void", meaning: "Native GDT, IDT and TR" },
    { name: "releaseProcessor", parameters: [], result: "void", meaning: "Debug registers and SYSENTER" },
    { name: "releaseMemory", parameters: [], result: "void", meaning: "CR3 := the domain's directory; drops all translations" },
    { name: "framesScanned", parameters: [], result: "u32", meaning: "Zone frames scanned by the last attach" },
    { name: "tablesValidated", parameters: [], result: "u32", meaning: "Tables validated by the last attach" },
  ],
  /** The kernel's side of the switch. */
  "mercury:switch": [
    { name: "requestSwitch", parameters: word("target"), result: "i32",
      meaning: "Goes to mode 0 (native) or 1 (virtual) now; 0 or a negated errno. The report is in sharedPage.report" },
  ],
} as const satisfies Record<string, readonly MetalFunction[]>;

export type MercuryName = keyof typeof metalContracts;
