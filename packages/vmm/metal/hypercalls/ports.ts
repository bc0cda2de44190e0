import { EINVAL, EPERM, VmmFrame } from "@mercury/abi/metal";
import { in16, in32, in8, out16, out32, out8 } from "@mercury/toolchain/metal";
import { refuse } from "../tables/refusal";

/** Address bits that the decoder of the two 8259A ignores in chipsets (Intel ICH10 data sheet 9.2, fixed I/O ranges): 20, 21, A0, A1 and their images. */
const CONTROLLER_IMAGES: u32 = 0x9d;
const CONTROLLERS: u32 = 0x20;
/** Interrupt mode configuration register: whether the controllers reach the processor (MultiProcessor Specification 1.4, 3.6.2.1). */
const ROUTE_INDEX: u32 = 0x22;
const ROUTE_DATA: u32 = 0x23;
/** Edge or level, line by line (Intel 82371SB data sheet, ELCR). */
const TRIGGER_FIRST: u32 = 0x4d0;
const TRIGGER_SECOND: u32 = 0x4d1;
/** System control port A: the address line A20, without which every other megabyte is its neighbour, and INIT. */
const SYSTEM_CONTROL: u32 = 0x92;

/** The interrupt controllers and the address line A20 are the VMM's. */
function isOwnPort(port: u32): bool {
  if ((port & ~CONTROLLER_IMAGES) == CONTROLLERS) return true;
  return port == ROUTE_INDEX || port == ROUTE_DATA || port == SYSTEM_CONTROL || port == TRIGGER_FIRST || port == TRIGGER_SECOND;
}

/** 0, or why the access is refused. The first domain owns every device but these; its DMA is not held in check (README, "How it stays safe"). */
function checkAccess(port: u32, bits: u32): i32 {
  if (bits != 8 && bits != 16 && bits != 32) return refuse(-EINVAL, bits);
  const last = port + (bits >> 3) - 1;
  if (port > 0xffff || last > 0xffff) return refuse(-EINVAL, port);
  for (let each = port; each <= last; each++) {
    if (isOwnPort(each)) return refuse(-EPERM, each);
  }
  return 0;
}

/** Command port of the keyboard controller (IBM PC/AT, 8042). */
const KEYBOARD_COMMAND: u32 = 0x64;
// Its commands that drive A20: the next byte is the output port, A20 low, A20 high; F0 to FF pulse the output lines whose bits are 0, and bit 1 is A20.
const WRITE_OUTPUT: u32 = 0xd1;
const A20_LOW: u32 = 0xdd;
const A20_HIGH: u32 = 0xdf;
const PULSE: u32 = 0xf0;
const PULSE_SPARES_A20: u32 = 0x02;

function drivesA20(command: u32): bool {
  if ((command & PULSE) == PULSE) return (command & PULSE_SPARES_A20) == 0;
  return command == WRITE_OUTPUT || command == A20_LOW || command == A20_HIGH;
}

/** 0, or why this value may not go to that port: what of it reaches the keyboard controller's command port touches A20. */
function checkValue(port: u32, bits: u32, value: u32): i32 {
  const offset = KEYBOARD_COMMAND - port;
  if (offset >= bits >> 3) return 0;
  return drivesA20((value >> (offset << 3)) & 0xff) ? refuse(-EPERM, KEYBOARD_COMMAND) : 0;
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
  const refused = checkAccess(port, bits) || checkValue(port, bits, frame.edx);
  if (refused < 0) return refused;
  if (bits == 8) out8(port, frame.edx);
  else if (bits == 16) out16(port, frame.edx);
  else out32(port, frame.edx);
  return 0;
}
