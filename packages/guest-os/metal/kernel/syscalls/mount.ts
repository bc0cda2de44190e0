import { EINVAL } from "@mercury/abi/metal";
import { isError } from "../fs/inode";
import { mountKind } from "../fs/mount";
import { workingDirectory } from "../fs/working-directory";
import { firstPath, secondPath } from "./arguments";

/** mount(2): a fresh proc, ramfs or tmpfs; source, flags and data say nothing to these. */
export function sysMount(source: u32, target: u32, kind: u32, flags: u32, data: u32): i32 {
  if (kind == 0) return -EINVAL;
  const path = firstPath(target);
  if (isError(path)) return <i32>path;
  const name = secondPath(kind);
  return isError(name) ? <i32>name : mountKind(workingDirectory(), path, name);
}
