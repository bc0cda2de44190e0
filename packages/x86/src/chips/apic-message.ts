import type { LocalApicState } from "./local-apic-registers.ts";

/** Where an interrupt message goes, and what it does there. */
export interface InterruptMessage {
  readonly vector: number;
  /** A value of `delivery`. */
  readonly mode: number;
  readonly destination: number;
  readonly logical: boolean;
  readonly levelTriggered: boolean;
}

type Addressed = Pick<LocalApicState, "id" | "logicalDestination" | "destinationFormat">;

/** Whether a local APIC is meant by a message (SDM 3A 10.6.2): physically by its ID, logically by the flat or the cluster model. */
export function isDestination(
  { id, logicalDestination, destinationFormat }: Addressed,
  { destination, logical }: InterruptMessage,
): boolean {
  if (!logical) return destination === id || destination === 0xff;
  if (destinationFormat === 0xf) return (destination & logicalDestination) !== 0;
  const cluster = destination >>> 4;
  return (cluster === 0xf || cluster === logicalDestination >>> 4) && (destination & logicalDestination & 0xf) !== 0;
}
