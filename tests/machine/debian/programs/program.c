/* What a compiler has to get right: integers of all sizes, floating point of all formats, structures, function pointers, strings, signals. */
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node {
  struct node *left, *right;
  int64_t key;
  char name[12];
};

static struct node *insert(struct node *tree, int64_t key) {
  if (tree == NULL) {
    tree = calloc(1, sizeof *tree);
    tree->key = key;
    snprintf(tree->name, sizeof tree->name, "n%lld", (long long)key);
    return tree;
  }
  if (key < tree->key) tree->left = insert(tree->left, key);
  if (key > tree->key) tree->right = insert(tree->right, key);
  return tree;
}

static uint32_t walk(const struct node *tree, uint32_t hash) {
  if (tree == NULL) return hash;
  hash = walk(tree->left, hash);
  for (const char *letter = tree->name; *letter; letter++) hash = (hash ^ (uint8_t)*letter) * 16777619u;
  return walk(tree->right, hash);
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double integrate(double (*f)(double), double from, double to, int steps) {
  double sum = 0, width = (to - from) / steps;
  for (int i = 0; i < steps; i++) sum += f(from + (i + 0.5) * width);
  return sum * width;
}

static sigjmp_buf back;
static void caught(int number) { siglongjmp(back, number); }

int main(int count, char **words) {
  uint32_t seed = count > 1 ? (uint32_t)atoi(words[1]) : 0;
  struct node *tree = NULL;
  for (int i = 0; i < 20000; i++) {
    seed = seed * 1664525u + 1013904223u;
    tree = insert(tree, (int64_t)(seed >> 3) * 37 - 1000000000LL);
  }
  printf("tree %08x\n", walk(tree, 2166136261u));

  static double numbers[5000];
  for (int i = 0; i < 5000; i++) {
    seed = seed * 1664525u + 1013904223u;
    numbers[i] = (double)(int32_t)seed / 65536;
  }
  qsort(numbers, 5000, sizeof numbers[0], compare);
  printf("sorted %.6f %.6f %.6f\n", numbers[0], numbers[2500], numbers[4999]);

  printf("integrals %.12f %.12f %.12f\n", integrate(sin, 0, 3, 5000), integrate(exp, 0, 1, 5000), integrate(sqrt, 0, 2, 5000));
  printf("formats %.9g %.17g %.20Lg\n", (double)(1.0f / 3), 2.0 / 3, 1.0L / 3);
  uint64_t product = 1;
  for (uint64_t i = 1; i < 40; i++) product = product * (i * 2654435761u + 1) / ((i & 3) + 1) + product % (i + 7);
  printf("wide %016llx %lld\n", (unsigned long long)product, (long long)product / -977);
  char text[64] = "";
  for (int i = 0; i < 12; i++) sprintf(text + strlen(text), "%x,", (seed >> i) % 29);
  printf("text %s %zu %d\n", text, strlen(text), memcmp(text, "5,", 2) < 0);

  signal(SIGFPE, caught);
  signal(SIGSEGV, caught);
  volatile int zero = 0;
  int number = sigsetjmp(back, 1);
  if (number == 0) printf("%d\n", 7 / zero);
  printf("division: %s\n", number == SIGFPE ? "SIGFPE" : "?");
  number = sigsetjmp(back, 1);
  if (number == 0) *(volatile int *)16 = 1;
  printf("null: %s\n", number == SIGSEGV ? "SIGSEGV" : "?");
  return 0;
}
