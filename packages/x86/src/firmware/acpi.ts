import { definitionBlock } from "./dsdt.ts";
import type { FirmwareOptions } from "./tables.ts";
import { TableWriter, type PlacedTable } from "./writer.ts";

/** Bytes of the header that all tables but RSDP and FACS have; its checksum is the tenth (ACPI 5.0, table 5-28). */
const HEADER = 36;
const CHECKSUM = 9;
const MAKER = "MERCRY";

/** A system description table: header and body. */
function table(signature: string, revision: number, body: TableWriter): Uint8Array {
  const bytes = body.finish();
  return new TableWriter()
    .text(signature, 4)
    .dword(HEADER + bytes.length)
    .byte(revision, 0)
    .text(MAKER, 6)
    .text(`MERC${signature}`, 8)
    .dword(1)
    .text("MRCY", 4)
    .dword(1)
    .bytes(bytes)
    .finish(CHECKSUM);
}

/** A generic address: ports (ACPI 5.0, table 5-25). */
function port(writer: TableWriter, address: number, bytes: number): void {
  writer.byte(1, bytes * 8, 0, bytes > 2 ? 3 : bytes).qword(address);
}
const noAddress = (writer: TableWriter): TableWriter => writer.bytes(Array.from({ length: 12 }, () => 0));

/** C2 and C3 do not exist: their latencies say so (ACPI 5.0, table 5-34). */
const NO_C2 = 0x0fff;
const NO_C3 = 0x0fff;
/** Legacy devices, an 8042, no VGA, no message-signalled interrupts. */
const BOOT_ARCHITECTURE = 0x0f;
/** WBINVD works, C1 works, no sleep button, no RTC wake status, reset register. */
const FADT_FLAGS = (1 << 0) | (1 << 2) | (1 << 5) | (1 << 6) | (1 << 10);
const DESKTOP = 1;
/** Register of the century in CMOS memory. */
const CENTURY = 0x32;
const RESET = { port: 0xcf9, value: 6 } as const;

/** Fixed ACPI description table, revision 3 (ACPI 5.0, 5.2.9). */
function fixedDescription({ powerPorts, powerLine }: FirmwareOptions, facs: number, dsdt: number): Uint8Array {
  const [events, control, timer] = [powerPorts, powerPorts + 4, powerPorts + 8];
  const body = new TableWriter().dword(facs).dword(dsdt).byte(0, DESKTOP).word(powerLine);
  // No SMI command port: the hardware is always in ACPI mode.
  body.dword(0).byte(0, 0, 0, 0);
  body.dword(events).dword(0).dword(control).dword(0).dword(0).dword(timer).dword(0).dword(0);
  body.byte(4, 2, 0, 4, 0, 0, 0, 0).word(NO_C2).word(NO_C3).word(0).word(0).byte(0, 0, 0, 0, CENTURY);
  body.word(BOOT_ARCHITECTURE).byte(0).dword(FADT_FLAGS);
  port(body, RESET.port, 1);
  body.byte(RESET.value, 0, 0, 0).qword(facs).qword(dsdt);
  port(body, events, 4);
  noAddress(body);
  port(body, control, 2);
  noAddress(noAddress(body));
  port(body, timer, 4);
  noAddress(noAddress(body));
  return table("FACP", 3, body);
}

const POLARITY_HIGH = 1;
const LEVEL = 3 << 2;

/** Multiple APIC description table (ACPI 5.0, 5.2.12): a PC/AT with one local and one I/O APIC, and lines 0 and SCI special. */
function interruptControllers(options: FirmwareOptions): Uint8Array {
  const PCAT_COMPATIBLE = 1;
  const body = new TableWriter().dword(options.localApic).dword(PCAT_COMPATIBLE);
  body.byte(0, 8, 0, 0).dword(1);
  body.byte(1, 12, options.ioApicId, 0).dword(options.ioApic).dword(0);
  body.byte(2, 10, 0, 0).dword(options.timerInput).word(0);
  body
    .byte(2, 10, 0, options.powerLine)
    .dword(options.powerLine)
    .word(POLARITY_HIGH | LEVEL);
  // NMI at LINT1 of every processor.
  body.byte(4, 6, 0xff).word(0).byte(1);
  return table("APIC", 1, body);
}

/** Firmware ACPI control structure: no waking vector, never locked (ACPI 5.0, 5.2.10). */
function controlStructure(): Uint8Array {
  const LENGTH = 64;
  return new TableWriter()
    .text("FACS", 4)
    .dword(LENGTH)
    .bytes(Array.from({ length: LENGTH - 8 }, () => 0))
    .finish();
}

/** Root pointer of ACPI 1.0: 20 bytes, its checksum is the ninth (ACPI 5.0, 5.2.5.3). */
function rootPointer(rsdt: number): Uint8Array {
  return new TableWriter().text("RSD PTR ", 8).byte(0).text(MAKER, 6).byte(0).dword(rsdt).finish(8);
}

/** The ACPI tables from `base` on, which is a multiple of 64; the root pointer comes first. */
export function acpiTables(options: FirmwareOptions, base: number): PlacedTable[] {
  const placed: PlacedTable[] = [];
  let free = base + 64;
  const place = (bytes: Uint8Array): number => {
    const address = free;
    placed.push({ address, bytes });
    free = Math.ceil((address + bytes.length) / 64) * 64;
    return address;
  };
  const facs = place(controlStructure());
  const dsdt = place(table("DSDT", 1, new TableWriter().bytes(definitionBlock(options))));
  const fadt = place(fixedDescription(options, facs, dsdt));
  const madt = place(interruptControllers(options));
  const rsdt = place(table("RSDT", 1, new TableWriter().dword(fadt).dword(madt)));
  return [{ address: base, bytes: rootPointer(rsdt) }, ...placed];
}
