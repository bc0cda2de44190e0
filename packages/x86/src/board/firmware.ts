import { VERSION } from "../chips/local-apic-registers.ts";
import { feature } from "../cpu/system/feature.ts";
import { CPUID_SIGNATURE, FEATURES } from "../cpu/system/features.ts";
import { firmwareTables } from "../firmware/tables.ts";
import type { PlacedTable } from "../firmware/writer.ts";
import { wireOf } from "../pci/interrupts.ts";
import { wireLines } from "../pci/setup.ts";
import { ioApicBase, ioApicId, ioApicInput } from "./interrupts.ts";
import { powerPorts } from "./pci.ts";

const localApicBase = 0xfee0_0000;
const IO_APIC_VERSION = 0x11;
/** Line of the system control interrupt, and the sleep type that ends everything (chips/acpi-power.ts). */
const POWER_LINE = 9;
const POWER_OFF_TYPE = 0;
/** From where base addresses are given out to below the I/O APIC. */
const pciMemory = { first: 0xe000_0000, last: 0xfebf_ffff } as const;

/** The tables that describe this board, for RAM below 1 MB. */
export function boardTables(): readonly PlacedTable[] {
  return firmwareTables({
    signature: CPUID_SIGNATURE,
    features: FEATURES | feature.APIC,
    localApic: localApicBase,
    ioApic: ioApicBase,
    localApicVersion: VERSION & 0xff,
    ioApicVersion: IO_APIC_VERSION,
    ioApicId,
    timerInput: ioApicInput.timer,
    powerPorts,
    powerLine: POWER_LINE,
    powerOffType: POWER_OFF_TYPE,
    // The wires count pins from 1, INTA.
    wireOf: (slot, pin) => wireOf(slot, pin + 1),
    wireLines,
    wireInputs: [0, 1, 2, 3].map((wire) => ioApicInput.pci + wire),
    pciMemory,
  });
}
