/** touch FILE...: makes files that are not there. */
import { cstr } from "@mercury/toolchain/metal";
import { O_CREAT, O_WRONLY } from "../../linux/files";
import { Arguments } from "../lib/args";
import { complain, usage } from "../lib/errors";
import { close, open } from "../lib/syscall";

export function touch(list: Arguments): i32 {
  if (list.count < 2) return usage(cstr`touch FILE...`);
  let failed: i32 = 0;
  for (let index: u32 = 1; index < list.count; index++) {
    const fd = open(list.at(index), O_WRONLY | O_CREAT, 0o666);
    if (fd < 0) failed |= complain(cstr`touch`, list.at(index), fd);
    else close(fd);
  }
  return failed;
}
