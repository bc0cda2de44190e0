/* The C side of kernels.as: same data, same work, same results. Calls come by regparm(3), as the back end's functions take them. */

#include <stdint.h>

#define KERNEL __attribute__((regparm(3), noinline))
#define ROTATE(x, n) (((x) >> (n)) | ((x) << (32 - (n))))

enum { buffer_bytes = 65536 };
static uint8_t buffer[buffer_bytes + 16] __attribute__((aligned(16)));
static uint32_t schedule[64], state[8];

KERNEL void c_initialise(void) {
  for (uint32_t i = 0; i < buffer_bytes; i++) buffer[i] = (uint8_t)(i * 31);
}

static void expand(uint32_t round) {
  const uint32_t *words = (const uint32_t *)buffer;
  for (uint32_t i = 0; i < 16; i++) schedule[i] = words[i] + round;
  for (uint32_t i = 16; i < 64; i++) {
    uint32_t a = schedule[i - 15], b = schedule[i - 2];
    uint32_t s0 = ROTATE(a, 7) ^ ROTATE(a, 18) ^ (a >> 3);
    uint32_t s1 = ROTATE(b, 17) ^ ROTATE(b, 19) ^ (b >> 10);
    schedule[i] = schedule[i - 16] + s0 + schedule[i - 7] + s1;
  }
}

static void compress(void) {
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (uint32_t i = 0; i < 64; i++) {
    uint32_t constant = i * 0x9e3779b9u + 0x428a2f98u;
    uint32_t t1 = h + (ROTATE(e, 6) ^ ROTATE(e, 11) ^ ROTATE(e, 25)) + ((e & f) ^ (~e & g)) + constant + schedule[i];
    uint32_t t2 = (ROTATE(a, 2) ^ ROTATE(a, 13) ^ ROTATE(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

KERNEL uint32_t c_sha256(int rounds) {
  for (uint32_t i = 0; i < 8; i++) state[i] = i * 0x9e3779b9u;
  for (int round = 0; round < rounds; round++) expand(round), compress();
  return state[0] ^ state[7];
}

KERNEL uint32_t c_sort(int count) {
  uint32_t *words = (uint32_t *)buffer, seed = 12345;
  for (int i = 0; i < count; i++) words[i] = seed = seed * 1664525u + 1013904223u;
  for (int i = 1; i < count; i++) {
    uint32_t value = words[i];
    int j = i - 1;
    for (; j >= 0 && words[j] > value; j--) words[j + 1] = words[j];
    words[j + 1] = value;
  }
  return words[count >> 1];
}

KERNEL uint32_t c_fnv(int rounds) {
  uint32_t hash = 0x811c9dc5u;
  for (int round = 0; round < rounds; round++)
    for (uint32_t i = 0; i < 4096; i++) hash = (hash ^ buffer[i]) * 0x01000193u;
  return hash;
}

struct node {
  struct node *next;
  uint32_t value;
};

KERNEL uint32_t c_list(int rounds) {
  struct node *nodes = (struct node *)buffer;
  for (uint32_t i = 0; i < 1024; i++) nodes[i].next = i == 1023 ? 0 : nodes + ((i * 7 + 1) & 1023), nodes[i].value = i;
  uint32_t sum = 0;
  for (int round = 0; round < rounds; round++) {
    int count = 0;
    for (struct node *node = nodes; node && count < 1000; node = node->next) sum += node->value, count++;
  }
  return sum;
}

KERNEL uint32_t c_xorshift(int rounds) {
  uint64_t x = 88172645463325252ull, sum = 0;
  for (int i = 0; i < rounds; i++) {
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    sum += x * 0x2545f4914f6cdd1dull;
  }
  return (uint32_t)(sum ^ (sum >> 32));
}

KERNEL uint32_t c_copy(int rounds) {
  uint32_t *words = (uint32_t *)buffer;
  for (int round = 0; round < rounds; round++) {
    for (uint32_t i = 0; i < 4096; i++) words[8192 + i] = words[i];
    __asm__ volatile("" ::: "memory"); /* every round is done */
  }
  return words[8192];
}

KERNEL uint32_t c_divide(int rounds) {
  uint64_t x = 0xfedcba9876543210ull, sum = 0;
  for (int i = 0; i < rounds; i++) {
    x = x * 6364136223846793005ull + 1442695040888963407ull;
    sum += x / ((x >> 40) + 3) + x / ((x >> 20) | 0x100000000ull);
  }
  return (uint32_t)(sum ^ (sum >> 32));
}

KERNEL uint32_t c_fibonacci(int n) { return n < 2 ? n : c_fibonacci(n - 1) + c_fibonacci(n - 2); }

static uint32_t tokens(uint32_t length) {
  uint32_t count = 0, level = 0;
  for (uint32_t i = 0; i < length; i++) switch (buffer[i] & 7) {
      case 0: level = 0; break;
      case 1: count += level; break;
      case 2: level ^= 1; break;
      case 3:
        if (level > 4) count++, level = 1;
        break;
      case 4: level += 2; break;
      case 5: count ^= level; break;
      default: level++;
    }
  return count;
}

KERNEL uint32_t c_lexer(int rounds) {
  uint32_t sum = 0;
  for (int round = 0; round < rounds; round++) sum += tokens(4096 - ((uint32_t)round & 7));
  return sum;
}
