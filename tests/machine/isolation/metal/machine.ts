import { HYPERCALL_WRITE_PORT } from "@mercury/abi/metal";
import { cstr, hypercall } from "@mercury/toolchain/metal";

// Ends of the three machines: isa-debug-exit, PM1a control (ACPI 4.8.3.2.1), Bochs' port.
const EXIT_PORT: u32 = 0xf4;
const ACPI_CONTROL: u32 = 0x604;
const ACPI_POWER_OFF: u32 = 0x2000;
const BOCHS_POWER: u32 = 0x8900;

/** COM1's line control: eight bits, no parity, one stop bit (PC16550D data sheet, "Line Control Register"). After a reset it has five. */
const LINE_CONTROL: u32 = 0x3fb;
const EIGHT_BITS: u32 = 3;

/** The VMM's console is the first serial port, as the kernel has set it up. */
export function openConsole(): void {
  hypercall(HYPERCALL_WRITE_PORT, LINE_CONTROL, 8, EIGHT_BITS);
}

/** Ends the machine; exit code 0 where there is one. Does not return. */
export function powerOff(): void {
  hypercall(HYPERCALL_WRITE_PORT, EXIT_PORT, 8, 0);
  hypercall(HYPERCALL_WRITE_PORT, ACPI_CONTROL, 16, ACPI_POWER_OFF);
  for (let at = cstr`Shutdown`; load<u8>(at) != 0; at++) hypercall(HYPERCALL_WRITE_PORT, BOCHS_POWER, 8, load<u8>(at));
  while (true) {}
}
