/* What thread-local storage costs: C libraries for i386 keep a thread's variables right below the address in GS, so that most accesses have a negative
   offset and wrap around the end of a flat segment (ELF handling for thread-local storage, variant II). No library is linked: nothing else uses GS. */
#include <asm/ldt.h>

enum { accesses = 64, rounds = 2000, sysExit = 1, sysWrite = 4, sysSetThreadArea = 243, pagesOf4GB = 0xfffff };

static char block[4096] __attribute__((aligned(4096)));

static int call(int number, int a, const void *b, int c) {
  int result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
  return result;
}

static unsigned now(void) {
  unsigned low;
  __asm__ volatile("lfence; rdtsc" : "=a"(low) : : "edx", "memory");
  return low;
}

/* Sixteen accesses without a branch between them. */
#define FOUR(offset) "addl %%gs:" offset ", %%eax; movl %%eax, %%gs:" offset "; "
#define LOOP(first, second)                                                                                       \
  for (int each = 0; each < accesses / 16; each++)                                                                \
    __asm__ volatile(FOUR(first) FOUR(second) FOUR(first) FOUR(second) FOUR(first) FOUR(second) FOUR(first) FOUR(second) : : : "eax", "memory")

static unsigned negative(void) {
  unsigned start = now();
  LOOP("-4", "-64");
  return now() - start;
}

static unsigned positive(void) {
  unsigned start = now();
  LOOP("4", "64");
  return now() - start;
}

static unsigned mixed(void) {
  unsigned start = now();
  LOOP("-4", "4");
  return now() - start;
}

static void print(const char *name, unsigned least) {
  char line[64];
  int length = 0;
  while (*name) line[length++] = *name++;
  line[length++] = ' ';
  unsigned divisor = 1;
  while (least / divisor >= 10) divisor *= 10;
  for (; divisor != 0; divisor /= 10) line[length++] = (char)('0' + least / divisor % 10);
  line[length++] = '\n';
  call(sysWrite, 1, line, length);
}

/* The least of many rounds: one in which no interrupt fell. */
static void measure(const char *name, unsigned (*loop)(void)) {
  unsigned least = ~0u;
  for (int round = 0; round < rounds; round++) {
    unsigned cycles = loop();
    if (cycles < least) least = cycles;
  }
  print(name, least);
}

void _start(void) {
  struct user_desc area = {
    .entry_number = -1, .base_addr = (unsigned)block + 2048, .limit = pagesOf4GB, .seg_32bit = 1, .limit_in_pages = 1, .useable = 1,
  };
  if (call(sysSetThreadArea, (int)&area, 0, 0) != 0) call(sysExit, 1, 0, 0);
  __asm__ volatile("movw %w0, %%gs" : : "r"(area.entry_number << 3 | 3));
  measure("positive", positive);
  measure("negative", negative);
  measure("mixed", mixed);
  call(sysExit, 0, 0, 0);
}
