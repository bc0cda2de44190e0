// Both bodies of every operation that is a call; the stubs put the meter around each (stubs/meter.ts).
export { nativeAcknowledgeLine, nativeInitializeLines, nativeMaskLine, nativeUnmaskLine } from "./native/lines";
export {
  nativeClearEntries, nativeFlushSpace, nativeForkEntries, nativePrepareDirectory, nativeReleaseTable, nativeRepairEntry, nativeUpdateEntries,
} from "./native/tables";
export { nativeLoadTraps, nativeSetTls } from "./native/traps";
export {
  virtualAcknowledgeLine, virtualClearEntries, virtualFlushSpace, virtualForkEntries, virtualInitializeLines, virtualLoadTraps, virtualMaskLine,
  virtualPrepareDirectory, virtualReleaseTable, virtualRepairEntry, virtualSetTls, virtualUnmaskLine, virtualUpdateEntries,
} from "./virtual/calls";
