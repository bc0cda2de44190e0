/*
 * Times the back end's kernels against gcc's in one process. Standard input: segments as address, length, bytes; a length of 0 ends them;
 * then the addresses of the entries in the order of `kernels`, `initialise` first. Numbers are 32-bit little-endian.
 * Prints: name, milliseconds of ours and of gcc's (least of `repeats`), whether the results agree.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

typedef uint32_t (*kernel)(int) __attribute__((regparm(3)));

#define KERNELS(X) X(sha256, 2000) X(sort, 1500) X(fnv, 1000) X(list, 1500) X(xorshift, 1000000) X(copy, 1000) X(divide, 100000) X(fibonacci, 27) X(lexer, 300)
#define DECLARE(name, rounds) uint32_t c_##name(int) __attribute__((regparm(3)));
KERNELS(DECLARE)
void c_initialise(void) __attribute__((regparm(3)));

static const struct { const char *name; kernel c; int rounds; } kernels[] = {
#define ROW(name, rounds) {#name, c_##name, rounds},
    KERNELS(ROW)
};

enum { repeats = 15 };

static uint32_t number(void) {
  uint32_t value;
  if (fread(&value, 4, 1, stdin) != 1) exit(3);
  return value;
}

static double milliseconds(kernel run, int rounds, uint32_t *result) {
  struct timespec start, end;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
  *result = run(rounds);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
  return (end.tv_sec - start.tv_sec) * 1e3 + (end.tv_nsec - start.tv_nsec) * 1e-6;
}

static void load(void) {
  static const uint32_t ranges[][2] = {{0x20000000, 0x400000}, {0x30000000, 0x400000}, {0x100000, 0x200000}};
  for (unsigned i = 0; i < sizeof ranges / sizeof *ranges; i++)
    if (mmap((void *)ranges[i][0], ranges[i][1], PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) exit(4);
  for (;;) {
    uint32_t address = number(), length = number();
    if (length == 0) return;
    if (fread((void *)address, length, 1, stdin) != 1) exit(3);
  }
}

int main(void) {
  load();
  kernel initialise = (kernel)number();
  for (unsigned i = 0; i < sizeof kernels / sizeof *kernels; i++) {
    kernel ours = (kernel)number();
    double best[2] = {1e9, 1e9};
    uint32_t result[2];
    initialise(0), c_initialise();
    for (int repeat = 0; repeat < repeats; repeat++) {
      double times[2] = {milliseconds(ours, kernels[i].rounds, &result[0]), milliseconds(kernels[i].c, kernels[i].rounds, &result[1])};
      for (int side = 0; side < 2; side++) if (times[side] < best[side]) best[side] = times[side];
    }
    printf("%s %.3f %.3f %s\n", kernels[i].name, best[0], best[1], result[0] == result[1] ? "same" : "different");
  }
  return 0;
}
