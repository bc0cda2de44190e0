import { EAGAIN, EBADF, EINVAL, PAGE_SIZE } from "@mercury/abi/metal";
import { MAXIMUM_SIZE } from "../fs/inode";
import { File, isReadable, isWritable, readFile, writeFile } from "../fs/file";
import { copyFromUser, copyToUser } from "../mm/user-copy";
import { allocateFrame, linear, releaseFrame } from "../mm/frames";
import { MOST_BYTES, descriptorFile } from "./arguments";

const offsetCell: usize = memory.data(8, 8);

/** sendfile64(2): with `offset`, the position of `in` stays and the offset moves instead. */
export function sysSendfile64(out: u32, source: u32, offset: u32, count: u32): i32 {
  const from = descriptorFile(source);
  const to = descriptorFile(out);
  if (from === null || to === null || !isReadable(from) || !isWritable(to)) return -EBADF;
  if (from.operations.seekable == 0) return -EINVAL;
  const position = from.position;
  if (offset != 0) {
    const failed = copyFromUser(offsetCell, offset, 8);
    if (failed != 0) return failed;
    if (load<u64>(offsetCell) > <u64>MAXIMUM_SIZE) return -EINVAL;
    from.position = load<u32>(offsetCell);
  }
  const done = transfer(from, to, min(count, MOST_BYTES));
  if (offset == 0) return done;
  store<u64>(offsetCell, <u64>from.position);
  from.position = position;
  const failed = copyToUser(offset, offsetCell, 8);
  return failed != 0 ? failed : done;
}

/** Moves bytes by way of a page; what the target does not take is read again next time. */
function transfer(from: File, to: File, count: u32): i32 {
  const frame = allocateFrame();
  if (frame == 0) return -EAGAIN;
  let done: u32 = 0;
  let last: i32 = 1;
  while (done < count && last > 0) {
    last = readFile(from, linear(frame), min(count - done, PAGE_SIZE));
    if (last <= 0) break;
    const wanted = <u32>last;
    last = writeFile(to, linear(frame), wanted);
    const written: u32 = last > 0 ? <u32>last : 0;
    from.position -= wanted - written;
    done += written;
    if (written < wanted) break;
  }
  releaseFrame(frame);
  return done != 0 ? <i32>done : min(last, 0);
}
