/** poweroff [-e CODE], reboot, halt: end the machine (reboot(2)). */
import { cstr } from "@mercury/toolchain/metal";
import { Arguments } from "../lib/args";
import { complain, complainText, usage } from "../lib/errors";
import { flush } from "../lib/print";
import { rebootSystem } from "../lib/syscall";
import { equal, isNumber, toNumber } from "../lib/text";
import { POWER_OFF, POWER_OFF_WITH_CODE, RESTART } from "../../linux/reboot";

export function poweroff(list: Arguments): i32 {
  flush();
  if (list.count == 1) return end(cstr`poweroff`, POWER_OFF, 0);
  if (list.count != 3 || !equal(list.at(1), cstr`-e`)) return usage(cstr`poweroff [-e CODE]`);
  const code = list.at(2);
  if (!isNumber(code) || toNumber(code) > 255) return complainText(cstr`poweroff`, code, cstr`an exit code is 0 to 255`);
  return end(cstr`poweroff`, POWER_OFF_WITH_CODE, toNumber(code));
}

export function reboot(list: Arguments): i32 {
  if (list.count != 1) return usage(cstr`reboot`);
  return end(cstr`reboot`, RESTART, 0);
}

/** Comes back only when it is refused. */
function end(program: usize, command: u32, argument: usize): i32 {
  return complain(program, 0, rebootSystem(command, argument));
}
