/** mount: what is mounted; mount -t TYPE SOURCE DIRECTORY: mounts it. */
import { cstr } from "@mercury/toolchain/metal";
import { O_RDONLY } from "../../linux/files";
import { Arguments } from "../lib/args";
import { complain, usage } from "../lib/errors";
import { pour } from "../lib/files";
import { close, mountFilesystem, open } from "../lib/syscall";
import { equal } from "../lib/text";

const program = cstr`mount`;

export function mount(list: Arguments): i32 {
  if (list.count == 1) return listMounts();
  if (list.count != 5 || !equal(list.at(1), cstr`-t`)) return usage(cstr`mount [-t TYPE SOURCE DIRECTORY]`);
  const result = mountFilesystem(list.at(3), list.at(4), list.at(2));
  return result < 0 ? complain(program, list.at(4), result) : 0;
}

function listMounts(): i32 {
  const fd = open(cstr`/proc/mounts`, O_RDONLY, 0);
  if (fd < 0) return complain(program, cstr`/proc/mounts`, fd);
  const result = pour(fd, 1);
  close(fd);
  return result < 0 ? complain(program, cstr`/proc/mounts`, result) : 0;
}
