/** An image that cannot be linked: a symbol that nobody defines, parts that overlap, two things of one name. */
export class LinkError extends Error {
  override readonly name = "LinkError";
  /** The symbol that nobody defines, when that is what is wrong. */
  readonly symbol: string | null;

  constructor(message: string, symbol: string | null = null) {
    super(message);
    this.symbol = symbol;
  }
}

/** An address as the messages show it. */
export function hex(address: number): string {
  return `0x${(address >>> 0).toString(16).padStart(8, "0")}`;
}
