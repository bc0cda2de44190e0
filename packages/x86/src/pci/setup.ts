import type { PciBus } from "./bus.ts";
import { ideTiming, powerBase, powerEnable, routingRegister } from "./chipset.ts";
import { command, config, type PciFunction } from "./function.ts";
import { wireOf } from "./interrupts.ts";

/** Interrupt lines of the four wires, which SeaBIOS chooses too; both are level triggered. */
export const wireLines = [10, 10, 11, 11] as const;
/** Where base addresses are given out from: above the legacy ports, and below the I/O APIC. */
const firstPort = 0xc000;
const firstMemory = 0xe000_0000;

/** What firmware does before a kernel starts: gives every function its addresses and interrupt line, and lets it decode them. */
export function setUpPci(bus: PciBus, powerPorts: number): void {
  const next = { ports: firstPort, memory: firstMemory };
  for (const [{ slot }, plugged] of bus.functions) {
    for (const { index, space, size } of plugged.description.bars ?? []) {
      next[space] = Math.ceil(next[space] / size) * size;
      plugged.write(config.baseAddresses + 4 * index, 4, next[space]);
      next[space] += size;
    }
    const { pin } = plugged.description;
    if (pin !== undefined) plugged.write(config.interruptLine, 1, wireLines[wireOf(slot, pin)] ?? 0);
    plugged.write(config.command, 2, command.ports | command.memory);
    setUpChipset(plugged, powerPorts);
  }
}

function setUpChipset(plugged: PciFunction, powerPorts: number): void {
  const { name } = plugged.description;
  if (name === "isa bridge") for (const [wire, line] of wireLines.entries()) plugged.write(routingRegister + wire, 1, line);
  if (name === "ide") plugged.write(ideTiming, 4, 0x8000_8000);
  if (name !== "power management") return;
  plugged.write(powerBase, 4, powerPorts);
  plugged.write(powerEnable, 1, 1);
  // The system control interrupt has a line of its own.
  plugged.write(config.interruptLine, 1, 9);
}
