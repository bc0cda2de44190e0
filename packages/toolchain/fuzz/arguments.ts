import { placesOf } from "../src/backend/calls.ts";
import type { Call } from "./program.ts";

/** A call's arguments by the calling convention. */
export interface PlacedArguments {
  /** Values of eax, ecx, edx: the registers in encoding order. */
  readonly registers: readonly number[];
  /** Words to push, in this order. */
  readonly words: readonly number[];
}

export function placeArguments(call: Call): PlacedArguments {
  const { places } = placesOf(call.args.map((arg) => (typeof arg === "bigint" ? "i64" : "i32")));
  const registers = [0, 0, 0];
  const words: number[] = [];
  call.args.forEach((arg, index) => {
    const place = places[index];
    const wide = BigInt.asUintN(64, BigInt(arg));
    const low = Number(wide & 0xffffffffn);
    if (place?.kind === "register") registers[place.reg] = low;
    else if (place?.bytes === 8) words.push(Number(wide >> 32n), low);
    else words.push(low);
  });
  return { registers, words };
}
