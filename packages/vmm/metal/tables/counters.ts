/** Tables validated and frames looked at since the attach began. */
let tables: u32 = 0;
let frames: u32 = 0;

export function tablesValidated(): u32 {
  return tables;
}
export function framesScanned(): u32 {
  return frames;
}
export function resetCounters(): void {
  tables = 0;
  frames = 0;
}
export function noteTable(): void {
  tables++;
}
export function noteFrame(): void {
  frames++;
}
