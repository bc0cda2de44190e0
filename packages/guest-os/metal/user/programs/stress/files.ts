/** Files: written in pieces, read back in others, overwritten in the middle, renamed, truncated, removed. */
import { cstr } from "@mercury/toolchain/metal";
import { below, fillPattern, lost, patternLength, seed } from "./check";
import { O_CREAT, O_RDWR, O_TRUNC, SEEK_SET } from "../../../linux/files";
import { allocate } from "../../lib/heap";
import { writeAll } from "../../lib/print";
import { close, open, processId, read, rename, seek, truncate, unlink } from "../../lib/syscall";
import { copy, putNumber } from "../../lib/text";

const bytes: u32 = 40000;
const path: usize = memory.data(64);
const moved: usize = memory.data(64);

export function fileWrites(rounds: u32): bool {
  copy(putNumber(copy(path, cstr`/tmp/stress.`), processId()), cstr`.a`);
  copy(putNumber(copy(moved, cstr`/tmp/stress.`), processId()), cstr`.b`);
  const data = allocate(bytes);
  const back = allocate(bytes);
  for (let round: u32 = 0; round < rounds; round++) {
    fillPattern(data, bytes, round + 11);
    if (!oneFile(data, back, round)) return false;
  }
  return true;
}

function oneFile(data: usize, back: usize, round: u32): bool {
  let fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600);
  if (fd < 0) return lost(cstr`open`, 0, -fd);
  seed(round + 1);
  for (let at: u32 = 0; at < bytes; ) {
    const piece = min(1 + below(3000), bytes - at);
    if (writeAll(fd, data + at, piece) != 0) return lost(cstr`write to a file`, piece, 0);
    at += piece;
  }
  close(fd);
  if (rename(path, moved) != 0) return lost(cstr`rename`, 0, 1);
  fd = open(moved, O_RDWR, 0);
  if (fd < 0) return lost(cstr`open after rename`, 0, -fd);
  const result = verify(fd, back, round) && shorten(fd, back, round);
  close(fd);
  unlink(moved);
  return result && (open(moved, O_RDWR, 0) < 0 || lost(cstr`file after unlink`, 0, 1));
}

function readAll(fd: i32, to: usize): u32 {
  let count: u32 = 0;
  while (count < bytes) {
    const piece = read(fd, to + count, min<u32>(4099, bytes - count));
    if (piece <= 0) break;
    count += piece;
  }
  return count;
}

function verify(fd: i32, back: usize, round: u32): bool {
  const count = readAll(fd, back);
  if (count != bytes) return lost(cstr`bytes of a file`, bytes, count);
  const intact = patternLength(back, bytes, round + 11);
  return intact == bytes || lost(cstr`contents of a file`, bytes, intact);
}

/** A truncated file ends there, and grows again with zeros. */
function shorten(fd: i32, back: usize, round: u32): bool {
  const kept: u32 = 10000 + (round & 0xff) * 4;
  if (truncate(fd, kept) != 0 || truncate(fd, bytes) != 0) return lost(cstr`truncate`, 0, 1);
  if (seek(fd, 0, SEEK_SET) != 0 || readAll(fd, back) != bytes) return lost(cstr`bytes after truncate`, bytes, 0);
  if (patternLength(back, kept, round + 11) != kept) return lost(cstr`contents before the cut`, kept, 0);
  for (let at = kept; at < bytes; at++) if (load<u8>(back + at) != 0) return lost(cstr`zeros behind the cut`, 0, load<u8>(back + at));
  return true;
}
