import { E2BIG, EFAULT, INTERFACE_VERSION, VmmFrame } from "@mercury/abi/metal";
import { putCharacter } from "../console/log";
import { isOwnData } from "../frames/chunks";
import { refuse } from "../tables/refusal";

/** Most bytes in one call: each waits for the serial line with interrupts off. */
const MAXIMUM_TEXT: u32 = 256;

export function writeConsole(frame: VmmFrame): i32 {
  const length = frame.ecx;
  if (length > MAXIMUM_TEXT) return refuse(-E2BIG, length);
  if (!isOwnData(frame.ebx, length)) return refuse(-EFAULT, frame.ebx);
  for (let index: u32 = 0; index < length; index++) putCharacter(load<u8>(<usize>(frame.ebx + index)));
  return 0;
}

export function version(frame: VmmFrame): i32 {
  return <i32>INTERFACE_VERSION;
}
