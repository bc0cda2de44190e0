/** A stream of pseudo-random bytes through two pipes and a relay, in pieces of odd sizes: count and checksum must arrive. */
import { cstr } from "@mercury/toolchain/metal";
import { below, checksum, checksumStart, fillPattern, lost, seed } from "./check";
import { allocate } from "../../lib/heap";
import { writeAll } from "../../lib/print";
import { close, exit, fork, pipe, read, waitFor } from "../../lib/syscall";

const bytes: u32 = 65536;
const first: usize = memory.data(8);
const second: usize = memory.data(8);
const status: usize = memory.data(4);

export function pipes(rounds: u32): bool {
  const data = allocate(bytes);
  const buffer = allocate(8192);
  for (let round: u32 = 0; round < rounds; round++) {
    fillPattern(data, bytes, round + 77);
    if (!stream(data, buffer, round)) return false;
  }
  return true;
}

function stream(data: usize, buffer: usize, round: u32): bool {
  if (pipe(first) < 0 || pipe(second) < 0) return lost(cstr`pipe`, 0, 1);
  const writer = fork();
  if (writer == 0) exit(send(data, round));
  const relay = fork();
  if (relay == 0) exit(pass(buffer));
  close(load<i32>(first));
  close(load<i32>(first + 4));
  close(load<i32>(second + 4));
  let hash = checksumStart;
  let count: u32 = 0;
  while (true) {
    const piece = read(load<i32>(second), buffer, 1 + ((count * 7 + round) % 8191));
    if (piece <= 0) break;
    hash = checksum(hash, buffer, piece);
    count += piece;
  }
  close(load<i32>(second));
  if (!endedWell(writer) || !endedWell(relay)) return lost(cstr`processes of a pipeline`, 0, load<u32>(status));
  if (count != bytes) return lost(cstr`bytes through a pipe`, bytes, count);
  const expected = checksum(checksumStart, data, bytes);
  return hash == expected || lost(cstr`checksum of a pipe`, expected, hash);
}

function endedWell(pid: i32): bool {
  return waitFor(pid, status, 0) == pid && load<u32>(status) == 0;
}

function send(data: usize, round: u32): i32 {
  close(load<i32>(first));
  close(load<i32>(second));
  close(load<i32>(second + 4));
  seed(round + 5);
  for (let sent: u32 = 0; sent < bytes; ) {
    const piece = min(1 + below(6000), bytes - sent);
    if (writeAll(load<i32>(first + 4), data + sent, piece) != 0) return 1;
    sent += piece;
  }
  return 0;
}

function pass(buffer: usize): i32 {
  close(load<i32>(first + 4));
  close(load<i32>(second));
  while (true) {
    const piece = read(load<i32>(first), buffer, 4097);
    if (piece <= 0) return -piece;
    if (writeAll(load<i32>(second + 4), buffer, piece) != 0) return 2;
  }
}
