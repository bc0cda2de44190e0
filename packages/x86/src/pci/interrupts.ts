import type { Pin } from "../bus/device.ts";
import type { PciPlace } from "./bus.ts";

/** Routing registers of the ISA bridge (Intel 290550, PIRQRC[A:D]): bit 7 off, bits 0 to 3 the interrupt line. */
const notRouted = 0x80;
/** Lines that the bridge cannot reach: those of the timer, the keyboard, the cascade, the RTC and the coprocessor. */
const unreachable: ReadonlySet<number> = new Set([0, 1, 2, 8, 13]);

/** Which of the four PIRQ wires a pin is soldered to: pins turn from slot to slot (PCI 3.0, 2.2.6). */
export function wireOf(slot: number, pin: number): number {
  return (slot + pin - 2) & 3;
}

/**
 * From INTx pins to interrupt lines. A wire is up while any pin on it is; it drives the line that its routing register names, and
 * the I/O APIC's pin of its own.
 */
export class PciInterrupts {
  /** Pins that are up, by wire: a set of slot and pin. */
  readonly #raised: readonly Set<number>[] = [new Set(), new Set(), new Set(), new Set()];
  readonly #routing: (wire: number) => number;
  readonly #line: (line: number, wire: number, level: boolean) => void;
  readonly #wires: readonly Pin[];
  readonly #driven: (number | undefined)[] = [];

  /**
   * `routing` reads the routing register of a wire; `line` drives one of the 16 interrupt lines on behalf of a wire; `wires` are
   * the four wires themselves.
   */
  constructor(routing: (wire: number) => number, line: (line: number, wire: number, level: boolean) => void, wires: readonly Pin[]) {
    this.#routing = routing;
    this.#line = line;
    this.#wires = wires;
  }

  setPin({ slot, function: number }: PciPlace, pin: number, level: boolean): void {
    const wire = wireOf(slot, pin);
    const raised = this.#raised[wire];
    const key = (slot * 8 + number) * 4 + pin;
    if (level) raised?.add(key);
    else raised?.delete(key);
    this.#wires[wire]?.((raised?.size ?? 0) > 0);
    this.#drive(wire);
  }

  /** A routing register has changed. */
  reroute(): void {
    for (let wire = 0; wire < 4; wire++) this.#drive(wire);
  }

  #drive(wire: number): void {
    const routing = this.#routing(wire);
    const line = (routing & notRouted) !== 0 || unreachable.has(routing & 15) ? undefined : routing & 15;
    const before = this.#driven[wire];
    if (before !== undefined && before !== line) this.#line(before, wire, false);
    this.#driven[wire] = line;
    if (line !== undefined) this.#line(line, wire, (this.#raised[wire]?.size ?? 0) > 0);
  }
}
