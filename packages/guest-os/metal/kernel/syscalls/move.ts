/** What read(2) and its like have in common with write(2) and its like: bytes of the program from or to a file. */
import { EBADF, EINVAL, ESPIPE } from "@mercury/abi/metal";
import { File, readFile, writeFile } from "../fs/file";
import { MAXIMUM_SIZE } from "../fs/inode";
import { userBuffer } from "../fs/transfer";
import { UIO_MAXIOV } from "../../linux/files";
import { MOST_BYTES, descriptorFile } from "./arguments";
import { vectorBase, vectorLength } from "./vector";

function move(file: File, buffer: usize, bytes: u32, writing: bool): i32 {
  return writing ? writeFile(file, buffer, bytes) : readFile(file, buffer, bytes);
}

/** One buffer, at the file's position: the bytes moved, or a negated errno. */
export function moveBuffer(fd: u32, buffer: u32, count: u32, writing: bool): i32 {
  const file = descriptorFile(fd);
  if (file === null) return -EBADF;
  const bytes = min(count, MOST_BYTES);
  const refused = userBuffer(buffer, bytes);
  return refused != 0 ? refused : move(file, buffer, bytes, writing);
}

/** The buffers of an array of struct iovec, up to the first that is not moved whole: the bytes moved, or a negated errno when there are none. */
export function moveVector(fd: u32, vector: u32, count: u32, writing: bool): i32 {
  const file = descriptorFile(fd);
  if (file === null) return -EBADF;
  if (count > UIO_MAXIOV) return -EINVAL;
  let done: i32 = 0;
  for (let index: u32 = 0; index < count; index++) {
    const piece = vectorLength(vector, index, <u32>done);
    if (piece < 0) return done != 0 ? done : piece;
    const moved = move(file, vectorBase(), <u32>piece, writing);
    if (moved < 0) return done != 0 ? done : moved;
    done += moved;
    if (moved < piece) break;
  }
  return done;
}

/** One buffer at an offset, the file's position staying where it is. `beyond` is the answer where no file reaches. */
export function moveAt(fd: u32, buffer: u32, count: u32, low: u32, high: u32, beyond: i32, writing: bool): i32 {
  const file = descriptorFile(fd);
  if (<i32>high < 0) return -EINVAL;
  if (file === null) return -EBADF;
  if (file.operations.seekable == 0) return -ESPIPE;
  if (high != 0 || low > MAXIMUM_SIZE) return beyond;
  const position = file.position;
  file.position = low;
  const done = moveBuffer(fd, buffer, count, writing);
  file.position = position;
  return done;
}
