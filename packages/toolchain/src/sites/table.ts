import { voOperationNumbers } from "@mercury/abi";
import type { Relocation } from "../object.ts";
import { type EncodedBody, encodeStretched, operationOf } from "./encode.ts";

/** A site of an image at its address. */
export interface PlacedSite {
  readonly address: number;
  readonly length: number;
  readonly operation: string;
}

/** Fills in what is open in bytes that stand at `address`; `user` names them in messages. */
export type Relocate = (bytes: Uint8Array, relocations: readonly Relocation[], address: number, user?: string) => void;

/**
 * The image's site table: one siteRecord (abi structures.ts) for each site, in ascending order of address. A body of L bytes, 4 to 8, is
 * kept as its first and its last four bytes, which overlap.
 */
export function encodeSiteTable(sites: readonly PlacedSite[], relocate: Relocate): Uint8Array {
  const size = 24;
  const table = new Uint8Array(sites.length * size);
  const view = new DataView(table.buffer);
  sites.forEach(({ address, length, operation }, index) => {
    const at = index * size;
    const { native, virtual } = siteBodies(operation, address, relocate);
    view.setUint32(at, address, true);
    view.setUint16(at + 4, length, true);
    view.setUint16(at + 6, voOperationNumbers[operation] ?? 0xffff, true);
    [native, virtual].forEach((body, form) => {
      const words = new DataView(body.buffer);
      view.setUint32(at + 8 + form * 8, words.getUint32(0, true), true);
      view.setUint32(at + 12 + form * 8, words.getUint32(length - 4, true), true);
    });
  });
  return table;
}

/** Both bodies of a site as they stand at its address. */
function siteBodies(operation: string, address: number, relocate: Relocate): Record<"native" | "virtual", Uint8Array> {
  const known = operationOf(operation);
  const at = (body: EncodedBody): Uint8Array => {
    relocate(body.bytes, body.relocations, address);
    return body.bytes;
  };
  return { native: at(encodeStretched(known, "native")), virtual: at(encodeStretched(known, "virtual")) };
}
