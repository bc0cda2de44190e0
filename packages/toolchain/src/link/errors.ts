/** An image that cannot be linked: a symbol that nobody defines, parts that overlap, two things of one name. */
export class LinkError extends Error {
  override readonly name = "LinkError";
}

/** An address as the messages show it. */
export function hex(address: number): string {
  return `0x${(address >>> 0).toString(16).padStart(8, "0")}`;
}
