import type { DriveState } from "./drive-state.ts";
import { highestMode, transferKind } from "./identify.ts";
import { register } from "./registers.ts";

/** Subcommands of SET FEATURES (ATA/ATAPI-6, table 33). */
const subcommand = {
  enableWriteCache: 0x02,
  transferMode: 0x03,
  disableLookAhead: 0x55,
  disableWriteCache: 0x82,
  enableLookAhead: 0xaa,
} as const;

/** Whether a transfer mode is one that a drive has (table 34): the kind in the upper five bits, the number below. */
function hasMode(mode: number): boolean {
  const number = mode & 7;
  const kind = mode & 0xf8;
  // 0: the default PIO mode, with or without flow control.
  if (kind === 0) return number <= 1;
  if (kind === 0x08) return number <= highestMode.pio;
  if (kind === transferKind.multiwordDma) return number <= highestMode.multiwordDma;
  return kind === transferKind.ultraDma && number <= highestMode.ultraDma;
}

/** Does SET FEATURES; whether the drive has the feature. */
export function setFeature(state: DriveState): boolean {
  const feature = (state.taskFile[register.feature - 1] ?? 0) & 0xff;
  const mode = (state.taskFile[register.count - 1] ?? 0) & 0xff;
  switch (feature) {
    case subcommand.enableWriteCache:
    case subcommand.disableWriteCache:
      state.writeCache = feature === subcommand.enableWriteCache;
      return true;
    case subcommand.transferMode:
      if (hasMode(mode)) state.transferMode = mode;
      return hasMode(mode);
    case subcommand.disableLookAhead:
    case subcommand.enableLookAhead:
      return true;
    default:
      return false;
  }
}
