/** crash cli|reserve|table|window|kernel|null|divide|opcode: does what a process must not do. It is meant to die of it. */
import { cstr, disableInterrupts, undefinedInstruction, volatileLoad32, volatileStore32 } from "@mercury/toolchain/metal";
import { DIRECT_MAP_BASE, TABLE_WINDOW_BASE, VMM_BASE, ZONE_BASE } from "@mercury/abi/metal";
import { Arguments } from "../lib/args";
import { complainText, usage } from "../lib/errors";
import { equal } from "../lib/text";

export function crash(list: Arguments): i32 {
  const kind = list.at(1);
  if (list.count != 2) return usage(cstr`crash cli|reserve|table|window|kernel|null|divide|opcode`);
  if (equal(kind, cstr`cli`)) disableInterrupts();
  else if (equal(kind, cstr`reserve`)) volatileLoad32(VMM_BASE);
  else if (equal(kind, cstr`table`)) volatileLoad32(DIRECT_MAP_BASE + ZONE_BASE);
  else if (equal(kind, cstr`window`)) volatileStore32(TABLE_WINDOW_BASE, 0);
  else if (equal(kind, cstr`kernel`)) volatileStore32(DIRECT_MAP_BASE + 0x100000, 0);
  else if (equal(kind, cstr`null`)) volatileLoad32(0);
  else if (equal(kind, cstr`divide`)) return 1 / (list.count - 2);
  else if (equal(kind, cstr`opcode`)) undefinedInstruction();
  else return complainText(cstr`crash`, kind, cstr`unknown kind`);
  return complainText(cstr`crash`, kind, cstr`survived`);
}
