// Small kernels, each the same as its namesake in kernels.c: `kernel(rounds)` returns a value that depends on all of its work.

const bufferBytes: u32 = 65536;
const buffer: usize = memory.data(65536, 16);
const schedule: usize = memory.data(256, 16);
const state: usize = memory.data(32, 16);

export function initialise(): void {
  for (let i: u32 = 0; i < bufferBytes; i++) store<u8>(buffer + i, <u8>(i * 31));
}

/** SHA-256's compression function; the round constants are made from the index, which costs both sides the same. */
export function sha256(rounds: i32): u32 {
  for (let i: u32 = 0; i < 8; i++) store<u32>(state + (i << 2), i * 0x9e3779b9);
  for (let round = 0; round < rounds; round++) {
    expand(round);
    compress();
  }
  return load<u32>(state) ^ load<u32>(state, 28);
}

function expand(round: u32): void {
  for (let i: u32 = 0; i < 16; i++) store<u32>(schedule + (i << 2), load<u32>(buffer + (i << 2)) + round);
  for (let i: u32 = 16; i < 64; i++) {
    const w = schedule + (i << 2);
    const a = load<u32>(w - 60);
    const b = load<u32>(w - 8);
    const s0 = rotr<u32>(a, 7) ^ rotr<u32>(a, 18) ^ (a >> 3);
    const s1 = rotr<u32>(b, 17) ^ rotr<u32>(b, 19) ^ (b >> 10);
    store<u32>(w, load<u32>(w - 64) + s0 + load<u32>(w - 28) + s1);
  }
}

function compress(): void {
  let a = load<u32>(state);
  let b = load<u32>(state, 4);
  let c = load<u32>(state, 8);
  let d = load<u32>(state, 12);
  let e = load<u32>(state, 16);
  let f = load<u32>(state, 20);
  let g = load<u32>(state, 24);
  let h = load<u32>(state, 28);
  for (let i: u32 = 0; i < 64; i++) {
    const constant = i * 0x9e3779b9 + 0x428a2f98;
    const t1 = h + (rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25)) + ((e & f) ^ (~e & g)) + constant + load<u32>(schedule + (i << 2));
    const t2 = (rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  store<u32>(state, load<u32>(state) + a);
  store<u32>(state, load<u32>(state, 4) + b, 4);
  store<u32>(state, load<u32>(state, 8) + c, 8);
  store<u32>(state, load<u32>(state, 12) + d, 12);
  store<u32>(state, load<u32>(state, 16) + e, 16);
  store<u32>(state, load<u32>(state, 20) + f, 20);
  store<u32>(state, load<u32>(state, 24) + g, 24);
  store<u32>(state, load<u32>(state, 28) + h, 28);
}

/** Insertion sort of pseudo-random words. */
export function sort(count: i32): u32 {
  let seed: u32 = 12345;
  for (let i = 0; i < count; i++) {
    seed = seed * 1664525 + 1013904223;
    store<u32>(buffer + (<usize>i << 2), seed);
  }
  for (let i = 1; i < count; i++) {
    const value = load<u32>(buffer + (<usize>i << 2));
    let j = i - 1;
    while (j >= 0 && load<u32>(buffer + (<usize>j << 2)) > value) {
      store<u32>(buffer + (<usize>j << 2), load<u32>(buffer + (<usize>j << 2)), 4);
      j--;
    }
    store<u32>(buffer + (<usize>j << 2), value, 4);
  }
  return load<u32>(buffer + ((<usize>count >> 1) << 2));
}

export function fnv(rounds: i32): u32 {
  let hash: u32 = 0x811c9dc5;
  for (let round = 0; round < rounds; round++) {
    for (let i: u32 = 0; i < 4096; i++) hash = (hash ^ load<u8>(buffer + i)) * 0x01000193;
  }
  return hash;
}

/** Walks a linked list of 1000 nodes. */
export function list(rounds: i32): u32 {
  for (let i: u32 = 0; i < 1024; i++) {
    store<u32>(buffer + (i << 3), i == 1023 ? 0 : buffer + (((i * 7 + 1) & 1023) << 3));
    store<u32>(buffer + (i << 3), i, 4);
  }
  let sum: u32 = 0;
  for (let round = 0; round < rounds; round++) {
    let count = 0;
    for (let node = buffer; node && count < 1000; node = load<u32>(node)) {
      sum += load<u32>(node, 4);
      count++;
    }
  }
  return sum;
}

/** xorshift64*: shifts, exclusive or and a product of 64 bits. */
export function xorshift(rounds: i32): u32 {
  let x: u64 = 88172645463325252;
  let sum: u64 = 0;
  for (let i = 0; i < rounds; i++) {
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    sum += x * 0x2545f4914f6cdd1d;
  }
  return <u32>(sum ^ (sum >> 32));
}

export function copy(rounds: i32): u32 {
  for (let round = 0; round < rounds; round++) {
    for (let i: u32 = 0; i < 4096; i++) store<u32>(buffer + 32768 + (i << 2), load<u32>(buffer + (i << 2)));
  }
  return load<u32>(buffer + 32768);
}

/** Quotients of 64 bits, by divisors of one word and of two. */
export function divide(rounds: i32): u32 {
  let x: u64 = 0xfedcba9876543210;
  let sum: u64 = 0;
  for (let i = 0; i < rounds; i++) {
    x = x * 6364136223846793005 + 1442695040888963407;
    sum += x / ((x >> 40) + 3) + x / ((x >> 20) | 0x100000000);
  }
  return <u32>(sum ^ (sum >> 32));
}

/** Calls. */
export function fibonacci(n: i32): u32 {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

/** A state machine over bytes, by a switch. */
export function lexer(rounds: i32): u32 {
  let sum: u32 = 0;
  for (let round = 0; round < rounds; round++) sum += tokens(4096 - (<u32>round & 7));
  return sum;
}

function tokens(length: u32): u32 {
  let count: u32 = 0;
  let level: u32 = 0;
  for (let i: u32 = 0; i < length; i++) {
    switch (load<u8>(buffer + i) & 7) {
      case 0: level = 0; break;
      case 1: count += level; break;
      case 2: level ^= 1; break;
      case 3:
        if (level > 4) {
          count++;
          level = 1;
        }
        break;
      case 4: level += 2; break;
      case 5: count ^= level; break;
      default: level++;
    }
  }
  return count;
}
