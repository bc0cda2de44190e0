import { EINVAL, LINE_CASCADE, VmmFrame } from "@mercury/abi/metal";
import * as lines from "../events/lines";
import { refuse } from "../tables/refusal";

/** A line that a device may have: not the cascade, which is the controllers' own. */
function isLine(line: u32): bool {
  return line < lines.LINES && line != LINE_CASCADE;
}

export function maskLine(frame: VmmFrame): i32 {
  if (!isLine(frame.ebx)) return refuse(-EINVAL, frame.ebx);
  lines.maskLine(frame.ebx);
  return 0;
}

export function unmaskLine(frame: VmmFrame): i32 {
  if (!isLine(frame.ebx)) return refuse(-EINVAL, frame.ebx);
  lines.unmaskLine(frame.ebx);
  return 0;
}

export function acknowledgeLine(frame: VmmFrame): i32 {
  if (!isLine(frame.ebx)) return refuse(-EINVAL, frame.ebx);
  lines.acknowledgeLine(frame.ebx);
  return 0;
}
