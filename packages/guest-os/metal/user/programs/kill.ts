/** kill [-SIGNAL] PID...; kill -l. A negative PID is a process group. */
import { cstr } from "@mercury/toolchain/metal";
import { Arguments } from "../lib/args";
import { complain, complainText, usage } from "../lib/errors";
import { signalName, signalNumber } from "../lib/signals";
import { putDecimal, putByte, putLine } from "../lib/print";
import { sendSignal } from "../lib/syscall";
import { equal, isNumber, toNumber } from "../lib/text";

const program = cstr`kill`;
const SIGTERM: u32 = 15;

export function kill(list: Arguments): i32 {
  if (list.count == 2 && equal(list.at(1), cstr`-l`)) return listSignals();
  let signal = SIGTERM;
  let index: u32 = 1;
  const option = list.at(1);
  if (option != 0 && load<u8>(option) == 0x2d && !(isNumber(option + 1) && list.count == 2)) {
    const number = signalNumber(option + 1);
    if (number < 0) return complainText(program, option + 1, cstr`no such signal`);
    signal = number;
    index = 2;
  }
  if (index >= list.count) return usage(cstr`kill [-SIGNAL] PID...`);
  let failed: i32 = 0;
  for (; index < list.count; index++) failed |= killOne(list.at(index), signal);
  return failed;
}

function killOne(target: usize, signal: u32): i32 {
  const digits = load<u8>(target) == 0x2d ? target + 1 : target;
  if (!isNumber(digits)) return complainText(program, target, cstr`not a process number`);
  const result = sendSignal(toNumber(target), signal);
  return result < 0 ? complain(program, target, result) : 0;
}

function listSignals(): i32 {
  for (let number: u32 = 1; number < 32; number++) {
    putDecimal(number);
    putByte(0x20);
    putLine(signalName(number));
  }
  return 0;
}
