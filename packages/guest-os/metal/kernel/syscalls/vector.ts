/** Elements of readv and writev: struct iovec { base; length }. */
import { EINVAL } from "@mercury/abi/metal";
import { userBuffer } from "../fs/transfer";
import { copyFromUser } from "../mm/user-copy";
import { MOST_BYTES } from "./arguments";

const ELEMENT_SIZE: u32 = 8;
const element: usize = memory.data(8, 4);

/** Fetches element `index`: its bytes, cut so that with `done` before it no more than MOST_BYTES move; or a negated errno. */
export function vectorLength(vector: usize, index: u32, done: u32): i32 {
  const failed = copyFromUser(element, vector + index * ELEMENT_SIZE, ELEMENT_SIZE);
  if (failed != 0) return failed;
  const length = load<u32>(element, 4);
  if (<i32>length < 0) return -EINVAL;
  const bytes = min(length, MOST_BYTES - done);
  const refused = userBuffer(load<u32>(element), bytes);
  return refused != 0 ? refused : <i32>bytes;
}

/** Address of the element that vectorLength fetched last. */
export function vectorBase(): usize {
  return load<u32>(element);
}
