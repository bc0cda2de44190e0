/** Where an inode is, as the links of /proc say it. */
import { PAGE_SIZE } from "@mercury/abi/metal";
import { cstr } from "@mercury/toolchain/metal";
import { allocateFrame, linear, releaseFrame } from "../../mm/frames";
import { Inode, isError } from "../inode";
import { pathOf } from "../working-directory";
import { put, putByte, putDecimal } from "./text";

const BRACKET: u32 = 0x5d;

/** Appends an inode's path; "pipe:[NUMBER]" for what never had one, "(deleted)" when the name is gone. */
export function putPath(inode: Inode): void {
  if (inode.parent === null) {
    put(cstr`pipe:[`);
    putDecimal(inode.number);
    putByte(BRACKET);
    return;
  }
  const frame = allocateFrame();
  if (frame == 0) return;
  const path = pathOf(inode, linear(frame), linear(frame) + PAGE_SIZE);
  put(isError(path) ? cstr`(deleted)` : path);
  releaseFrame(frame);
}
