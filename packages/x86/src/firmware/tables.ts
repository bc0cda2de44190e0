import { acpiTables } from "./acpi.ts";
import { mpTables } from "./mp.ts";
import type { PlacedTable } from "./writer.ts";

/** What the tables tell of a board. */
export interface FirmwareOptions {
  /** CPUID leaf 1: EAX and EDX. */
  readonly signature: number;
  readonly features: number;
  /** Physical addresses of the APICs. */
  readonly localApic: number;
  readonly ioApic: number;
  readonly localApicVersion: number;
  readonly ioApicVersion: number;
  readonly ioApicId: number;
  /** Input of the I/O APIC at which line 0 arrives. */
  readonly timerInput: number;
  /** Ports of the ACPI power management block: PM1a events, PM1a control at 4, timer at 8. */
  readonly powerPorts: number;
  /** Line of the system control interrupt. */
  readonly powerLine: number;
  /** SLP_TYP that switches the power off. */
  readonly powerOffType: number;
  /** The wire, 0 to 3, that pin 0 (INTA) to 3 of a slot of bus 0 drives. */
  readonly wireOf: (slot: number, pin: number) => number;
  /** Interrupt lines of the wires with the 8259A, and their inputs of the I/O APIC. */
  readonly wireLines: readonly number[];
  readonly wireInputs: readonly number[];
  /** Where PCI devices may have memory. */
  readonly pciMemory: { readonly first: number; readonly last: number };
}

/** Kernels look for the ACPI root pointer from E0000h on, for the MP pointer from F0000h on. */
const ACPI_BASE = 0xe_0000;
const MP_BASE = 0xf_0000;

/** What firmware leaves in the BIOS area for kernels to find: ACPI tables, and the MP table for those without ACPI. */
export function firmwareTables(options: FirmwareOptions): readonly PlacedTable[] {
  return [...acpiTables(options, ACPI_BASE), ...mpTables(options, MP_BASE)];
}
