import { disableInterrupts, idle, out16, out8 } from "mercury:vo";
import { cstr } from "@mercury/toolchain/metal";
import { EINVAL } from "@mercury/abi/metal";
import { HALT, POWER_OFF, POWER_OFF_WITH_CODE, RESTART } from "../../linux/reboot";
import { drainConsole } from "../dev/print";

/** The end of the system. */

// reboot(2): both numbers must be right, lest a stray call ends the system.
const MAGIC1: u32 = 0xfee1_dead;
const MAGIC2: u32 = 672_274_793;

export function sysReboot(magic1: u32, magic2: u32, command: u32, argument: u32): i32 {
  if (magic1 != MAGIC1 || magic2 != MAGIC2) return -EINVAL;
  if (command != RESTART && command != POWER_OFF && command != HALT && command != POWER_OFF_WITH_CODE) return -EINVAL;
  disableInterrupts();
  drainConsole();
  if (command == RESTART) restart();
  if (command == POWER_OFF_WITH_CODE && argument != 0) out8(0xf4, argument);
  if (command != HALT) powerOff();
  while (true) {
    idle();
    disableInterrupts();
  }
}

/** The keyboard controller pulls the reset line (IBM PC/AT). */
function restart(): void {
  out8(0x64, 0xfe);
}

/** ACPI PM1a sleep on QEMU's and our board, and the word that Bochs listens for. */
function powerOff(): void {
  out16(0x604, 0x2000);
  const word = cstr`Shutdown`;
  for (let at = word; load<u8>(at) != 0; at++) out8(0x8900, load<u8>(at));
}
