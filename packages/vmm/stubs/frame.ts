import { layoutOf, structures } from "@mercury/abi";

const offsets = layoutOf("vmmFrame", structures.vmmFrame);

/** Byte offset of a field of the frame that the entries leave on the VMM's stack. */
export function frameOffset(field: (typeof structures.vmmFrame.fields)[number]["name"]): number {
  const offset = offsets.get(field);
  if (offset === undefined) throw new RangeError(`vmmFrame has no field ${field}`);
  return offset;
}
