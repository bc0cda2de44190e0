/** Cylinders, heads and sectors that a drive of a size pretends to have (ATA/ATAPI-6, 6.2 and annex C). */
export const headsPerCylinder = 16;
export const sectorsPerTrack = 63;
const mostCylinders = 16_383;

export function cylinders(sectors: number): number {
  return Math.min(mostCylinders, Math.floor(sectors / (headsPerCylinder * sectorsPerTrack)));
}

/** Sectors that 28 bits of address reach (6.2). */
export const mostShort = 0x0fff_ffff;
