/** What a command does when its time has come. */
export type Action =
  | "identify"
  | "read"
  | "write"
  | "verify"
  | "flush"
  | "setMultiple"
  | "setFeatures"
  | "diagnose"
  | "checkPower"
  | "nativeMaximum"
  | "nothing";

export interface Command {
  readonly name: string;
  readonly action: Action;
  /** How data moves: none, by the data register in or out, or by DMA in or out. */
  readonly protocol: "none" | "in" | "out" | "dma-in" | "dma-out";
  /** 48-bit addresses and 16-bit counts. */
  readonly extended?: true;
  /** Blocks of as many sectors as SET MULTIPLE MODE said. */
  readonly multiple?: true;
}

const row = (name: string, action: Action, protocol: Command["protocol"], more: Pick<Command, "extended" | "multiple"> = {}): Command => ({
  name,
  action,
  protocol,
  ...more,
});
const extended = { extended: true } as const;
const multiple = { multiple: true } as const;

/** The commands of a drive (ATA/ATAPI-6, 8); those with "without retries" are of ATA-3. Every other code is aborted. */
export const commands: ReadonlyMap<number, Command> = new Map([
  [0x10, row("RECALIBRATE", "nothing", "none")],
  [0x20, row("READ SECTORS", "read", "in")],
  [0x21, row("READ SECTORS without retries", "read", "in")],
  [0x24, row("READ SECTORS EXT", "read", "in", extended)],
  [0x25, row("READ DMA EXT", "read", "dma-in", extended)],
  [0x27, row("READ NATIVE MAX ADDRESS EXT", "nativeMaximum", "none", extended)],
  [0x29, row("READ MULTIPLE EXT", "read", "in", { ...extended, ...multiple })],
  [0x30, row("WRITE SECTORS", "write", "out")],
  [0x31, row("WRITE SECTORS without retries", "write", "out")],
  [0x34, row("WRITE SECTORS EXT", "write", "out", extended)],
  [0x35, row("WRITE DMA EXT", "write", "dma-out", extended)],
  [0x39, row("WRITE MULTIPLE EXT", "write", "out", { ...extended, ...multiple })],
  [0x40, row("READ VERIFY SECTORS", "verify", "none")],
  [0x41, row("READ VERIFY SECTORS without retries", "verify", "none")],
  [0x42, row("READ VERIFY SECTORS EXT", "verify", "none", extended)],
  [0x70, row("SEEK", "nothing", "none")],
  [0x90, row("EXECUTE DEVICE DIAGNOSTIC", "diagnose", "none")],
  [0x91, row("INITIALIZE DEVICE PARAMETERS", "nothing", "none")],
  [0xc4, row("READ MULTIPLE", "read", "in", multiple)],
  [0xc5, row("WRITE MULTIPLE", "write", "out", multiple)],
  [0xc6, row("SET MULTIPLE MODE", "setMultiple", "none")],
  [0xc8, row("READ DMA", "read", "dma-in")],
  [0xc9, row("READ DMA without retries", "read", "dma-in")],
  [0xca, row("WRITE DMA", "write", "dma-out")],
  [0xcb, row("WRITE DMA without retries", "write", "dma-out")],
  [0xe0, row("STANDBY IMMEDIATE", "flush", "none")],
  [0xe1, row("IDLE IMMEDIATE", "nothing", "none")],
  [0xe2, row("STANDBY", "flush", "none")],
  [0xe3, row("IDLE", "nothing", "none")],
  [0xe5, row("CHECK POWER MODE", "checkPower", "none")],
  [0xe7, row("FLUSH CACHE", "flush", "none")],
  [0xea, row("FLUSH CACHE EXT", "flush", "none", extended)],
  [0xec, row("IDENTIFY DEVICE", "identify", "in")],
  [0xef, row("SET FEATURES", "setFeatures", "none")],
  [0xf8, row("READ NATIVE MAX ADDRESS", "nativeMaximum", "none")],
]);
