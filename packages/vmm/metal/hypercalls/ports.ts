import { EINVAL, EPERM, VmmFrame } from "@mercury/abi/metal";
import { in16, in32, in8, out16, out32, out8 } from "@mercury/toolchain/metal";
import { refuse } from "../tables/refusal";

/** The interrupt controllers are the VMM's: 20, 21, A0, A1. */
function isOwnPort(port: u32): bool {
  return (port & 0xffffff7e) == 0x20;
}

/** 0, or why the access is refused. The first domain owns every device but the interrupt controllers. */
function checkAccess(port: u32, bits: u32): i32 {
  if (bits != 8 && bits != 16 && bits != 32) return refuse(-EINVAL, bits);
  const last = port + (bits >> 3) - 1;
  if (port > 0xffff || last > 0xffff) return refuse(-EINVAL, port);
  for (let each = port; each <= last; each++) {
    if (isOwnPort(each)) return refuse(-EPERM, each);
  }
  return 0;
}

export function readPort(frame: VmmFrame): i32 {
  const port = frame.ebx;
  const bits = frame.ecx;
  const refused = checkAccess(port, bits);
  if (refused < 0) return refused;
  if (bits == 8) return <i32>in8(port);
  return <i32>(bits == 16 ? in16(port) : in32(port));
}

export function writePort(frame: VmmFrame): i32 {
  const port = frame.ebx;
  const bits = frame.ecx;
  const refused = checkAccess(port, bits);
  if (refused < 0) return refused;
  if (bits == 8) out8(port, frame.edx);
  else if (bits == 16) out16(port, frame.edx);
  else out32(port, frame.edx);
  return 0;
}
