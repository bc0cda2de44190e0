import * as aml from "./aml.ts";
import type { Term } from "./aml.ts";
import type { FirmwareOptions } from "./tables.ts";

/** PCI function number in the form of _ADR (ACPI 5.0, 6.1.1). */
const address = (slot: number, fn: number): number => (slot << 16) | fn;
const ANY_FUNCTION = 0xffff;

/** A chip on the ISA bus: what it is, and where. */
function isaDevice(name: string, id: string, unique: number, ...descriptors: readonly Term[]): Term {
  return aml.device(
    name,
    aml.name("_HID", aml.eisaId(id)),
    aml.name("_UID", aml.integer(unique)),
    aml.name("_CRS", aml.resources(...descriptors)),
  );
}

const isaDevices: readonly Term[] = [
  isaDevice("PIC_", "PNP0000", 0, aml.portRange(0x20, 2), aml.portRange(0xa0, 2), aml.interruptLine(2)),
  isaDevice("TMR_", "PNP0100", 0, aml.portRange(0x40, 4), aml.interruptLine(0)),
  isaDevice("RTC_", "PNP0B00", 0, aml.portRange(0x70, 2), aml.interruptLine(8)),
  isaDevice("KBD_", "PNP0303", 0, aml.portRange(0x60, 1), aml.portRange(0x64, 1), aml.interruptLine(1)),
  isaDevice("MOU_", "PNP0F13", 0, aml.interruptLine(12)),
  isaDevice("COM1", "PNP0501", 1, aml.portRange(0x3f8, 8), aml.interruptLine(4)),
  isaDevice("COM2", "PNP0501", 2, aml.portRange(0x2f8, 8), aml.interruptLine(3)),
  isaDevice("COM3", "PNP0501", 3, aml.portRange(0x3e8, 8), aml.interruptLine(4)),
];

/** One routing for each pin of each slot: the interrupt that `of` gives for a wire. */
function routing(options: FirmwareOptions, of: (wire: number) => number): Term {
  const entries: Term[] = [];
  for (let slot = 0; slot < 32; slot++) {
    for (let pin = 0; pin < 4; pin++) {
      const wire = options.wireOf(slot, pin);
      const entry = [address(slot, ANY_FUNCTION), pin, 0, of(wire)].map((value) => aml.integer(value));
      entries.push(aml.packageOf(...entry));
    }
  }
  return aml.packageOf(...entries);
}

/** PICF is 1 after the kernel has said by _PIC that it uses the I/O APIC (ACPI 5.0, 5.8.1). */
function hostBridge(options: FirmwareOptions): Term {
  const { pciMemory } = options;
  return aml.device(
    "PCI0",
    aml.name("_HID", aml.eisaId("PNP0A03")),
    aml.name("_ADR", aml.integer(0)),
    aml.name("_UID", aml.integer(0)),
    aml.name(
      "_CRS",
      aml.resources(
        aml.windowOf("bus", 0, 0xff),
        aml.portRange(0xcf8, 8),
        aml.windowOf("ports", 0, 0xcf7),
        aml.windowOf("ports", 0xd00, 0xffff),
        aml.windowOf("memory", 0xa0000, 0xbffff),
        aml.windowOf("memory", pciMemory.first, pciMemory.last),
      ),
    ),
    aml.name(
      "PRTP",
      routing(options, (wire) => options.wireLines[wire] ?? 0),
    ),
    aml.name(
      "PRTA",
      routing(options, (wire) => options.wireInputs[wire] ?? 0),
    ),
    aml.method("_PRT", 0, aml.when(aml.path("PICF"), aml.returns(aml.path("PRTA"))), aml.returns(aml.path("PRTP"))),
    aml.device("ISA_", aml.name("_ADR", aml.integer(address(1, 0))), ...isaDevices),
  );
}

/** The definition block: the PCI bus with its interrupts, the chips of the ISA bus, and how to switch the power off. */
export function definitionBlock(options: FirmwareOptions): Term {
  const off = aml.integer(options.powerOffType);
  return [
    aml.scope("\\_PR_", aml.processor("CPU0", 0)),
    aml.name("\\PICF", aml.integer(0)),
    aml.method("\\_PIC", 1, aml.store(aml.firstArgument, "PICF")),
    aml.scope("\\_SB_", hostBridge(options)),
    aml.name("\\_S5_", aml.packageOf(off, off, aml.integer(0), aml.integer(0))),
  ].flat();
}
