/** cat [FILE...] */
import { cstr } from "@mercury/toolchain/metal";
import { Arguments } from "../lib/args";
import { complain } from "../lib/errors";
import { closeOperand, openOperand, pour } from "../lib/files";

const program = cstr`cat`;

export function cat(list: Arguments): i32 {
  if (list.count == 1) return catOne(cstr`-`);
  let failed: i32 = 0;
  for (let index: u32 = 1; index < list.count; index++) failed |= catOne(list.at(index));
  return failed;
}

function catOne(path: usize): i32 {
  const fd = openOperand(program, path);
  if (fd < 0) return 1;
  const result = pour(fd, 1);
  closeOperand(fd);
  return result < 0 ? complain(program, path, result) : 0;
}
