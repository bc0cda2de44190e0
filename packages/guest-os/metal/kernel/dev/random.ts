/**
 * Random bytes: ChaCha20 (RFC 8439, section 2.3) with fast key erasure: the first 32 bytes that a request generates become the next key, so that
 * nobody who sees the state later can tell what was given out. The key is stirred with the time stamp counter before every request.
 */
import { readTimeStamp } from "@mercury/toolchain/metal";
import { giveBytes } from "../fs/transfer";

const KEY_BYTES: u32 = 32;
const BLOCK_BYTES: u32 = 64;
const KEY_WORD: u32 = 4;
const COUNTER_WORD: u32 = 12;

/** The input block: constants, key, counter, nonce. */
const state: usize = memory.data<u32>([
  0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
const block: usize = memory.data(64, 16);

// @ts-ignore: decorator
@inline export function word(index: u32): usize {
  return state + (<usize>index << 2);
}

/** Mixes a seed into the key. */
export function stirRandom(seed: u64): void {
  store<u64>(word(KEY_WORD), load<u64>(word(KEY_WORD)) ^ seed);
  nextBlock();
  eraseKey();
}

/** Quarter round on words a, b, c, d of the block (RFC 8439 2.1). */
// @ts-ignore: decorator
@inline export function quarterRound(a: usize, b: usize, c: usize, d: usize): void {
  let x = load<u32>(block + (a << 2));
  let y = load<u32>(block + (b << 2));
  let z = load<u32>(block + (c << 2));
  let w = load<u32>(block + (d << 2));
  x += y;
  w = rotl<u32>(w ^ x, 16);
  z += w;
  y = rotl<u32>(y ^ z, 12);
  x += y;
  w = rotl<u32>(w ^ x, 8);
  z += w;
  y = rotl<u32>(y ^ z, 7);
  store<u32>(block + (a << 2), x);
  store<u32>(block + (b << 2), y);
  store<u32>(block + (c << 2), z);
  store<u32>(block + (d << 2), w);
}

/** Generates the next 64 bytes into `block`. */
function nextBlock(): void {
  memory.copy(block, state, BLOCK_BYTES);
  for (let round = 0; round < 10; round++) {
    quarterRound(0, 4, 8, 12);
    quarterRound(1, 5, 9, 13);
    quarterRound(2, 6, 10, 14);
    quarterRound(3, 7, 11, 15);
    quarterRound(0, 5, 10, 15);
    quarterRound(1, 6, 11, 12);
    quarterRound(2, 7, 8, 13);
    quarterRound(3, 4, 9, 14);
  }
  for (let at: usize = 0; at < BLOCK_BYTES; at += 4) store<u32>(block + at, load<u32>(block + at) + load<u32>(state + at));
  store<u64>(word(COUNTER_WORD), load<u64>(word(COUNTER_WORD)) + 1);
}

function eraseKey(): void {
  memory.copy(word(KEY_WORD), block, KEY_BYTES);
  memory.fill(block, 0, KEY_BYTES);
}

/** Fills a program's or the kernel's buffer: the bytes given, or -EFAULT. */
export function fillRandom(to: usize, bytes: u32): i32 {
  stirRandom(readTimeStamp());
  for (let done: u32 = 0; done < bytes; done += BLOCK_BYTES) {
    nextBlock();
    const failed = giveBytes(to + done, block, min(BLOCK_BYTES, bytes - done));
    if (failed != 0) return done != 0 ? <i32>done : failed;
  }
  nextBlock();
  eraseKey();
  return <i32>bytes;
}
