import type { FirmwareOptions } from "./tables.ts";
import { TableWriter, type PlacedTable } from "./writer.ts";

/** Kinds of entries and of interrupts (MP specification 1.4, tables 4-3 and 4-9). */
const entry = { processor: 0, bus: 1, ioApic: 2, interrupt: 3, local: 4 } as const;
const kind = { vectored: 0, nmi: 1, external: 3 } as const;
const bus = { pci: 0, isa: 1 } as const;
/** Polarity and trigger mode (table 4-10): as the bus has them, active high and level. */
const CONFORMS = 0;
const HIGH_LEVEL = 0x0d;
const EVERY_LOCAL_APIC = 0xff;
const BOOTSTRAP_ENABLED = 3;
const HEADER = 44;

type Entries = { readonly writer: TableWriter; count: number };

/** Interrupt assignment: of an input of the I/O APIC, or of a LINT pin. */
function assign(
  entries: Entries,
  type: number,
  how: number,
  flags: number,
  source: readonly [number, number],
  to: readonly [number, number],
): void {
  entries.writer
    .byte(type, how)
    .word(flags)
    .byte(...source, ...to);
  entries.count++;
}

function describeChips(entries: Entries, options: FirmwareOptions): void {
  const { writer } = entries;
  writer.byte(entry.processor, 0, options.localApicVersion, BOOTSTRAP_ENABLED).dword(options.signature).dword(options.features).qword(0);
  writer.byte(entry.bus, bus.pci).text("PCI", 6);
  writer.byte(entry.bus, bus.isa).text("ISA", 6);
  writer.byte(entry.ioApic, options.ioApicId, options.ioApicVersion, 1).dword(options.ioApic);
  entries.count += 4;
}

function describeInterrupts(entries: Entries, options: FirmwareOptions): void {
  const { ioApicId, timerInput, powerLine } = options;
  assign(entries, entry.interrupt, kind.external, CONFORMS, [bus.isa, 0], [ioApicId, 0]);
  for (let line = 0; line < 16; line++) {
    const flags = line === powerLine ? HIGH_LEVEL : CONFORMS;
    // Line 2 is the cascade of the 8259A, and its input the timer's.
    if (line !== 2) assign(entries, entry.interrupt, kind.vectored, flags, [bus.isa, line], [ioApicId, line === 0 ? timerInput : line]);
  }
  for (let slot = 0; slot < 32; slot++) {
    for (let pin = 0; pin < 4; pin++) {
      const input = options.wireInputs[options.wireOf(slot, pin)] ?? 0;
      assign(entries, entry.interrupt, kind.vectored, CONFORMS, [bus.pci, (slot << 2) | pin], [ioApicId, input]);
    }
  }
  assign(entries, entry.local, kind.external, CONFORMS, [bus.isa, 0], [EVERY_LOCAL_APIC, 0]);
  assign(entries, entry.local, kind.nmi, CONFORMS, [bus.isa, 0], [EVERY_LOCAL_APIC, 1]);
}

/** The floating pointer structure at `base`, and the configuration table behind it (MP specification 1.4, chapter 4). */
export function mpTables(options: FirmwareOptions, base: number): PlacedTable[] {
  const entries: Entries = { writer: new TableWriter(), count: 0 };
  describeChips(entries, options);
  describeInterrupts(entries, options);
  const body = entries.writer.finish();
  const table = new TableWriter()
    .text("PCMP", 4)
    .word(HEADER + body.length)
    .byte(4, 0)
    .text("MERCURY", 8)
    .text("IA-32 PC", 12)
    .dword(0)
    .word(0)
    .word(entries.count)
    .dword(options.localApic)
    .dword(0)
    .bytes(body)
    .finish(7);
  // Feature bytes: there is a table, and virtual wire mode is in force, without an IMCR.
  const pointer = new TableWriter()
    .text("_MP_", 4)
    .dword(base + 16)
    .byte(1, 4, 0, 0, 0, 0, 0, 0)
    .finish(10);
  return [
    { address: base, bytes: pointer },
    { address: base + 16, bytes: table },
  ];
}
