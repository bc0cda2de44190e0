/*
 * Runs IA-32 code in a 32-bit process of the host. Commands on standard input, all numbers 32-bit little-endian:
 *   'M' address length         map a zeroed range, readable, writable and executable
 *   'S' address length bytes   copy bytes there
 *   'C' entry eax edx ecx n words[n]   call: words are pushed in order; answers kind, eax, edx
 *   'H' address length         answers the FNV-1a hash of the range's words
 * Kinds: 0 returned, 1 SIGFPE, 2 SIGILL, 3 SIGSEGV, 4 time limit, 5 broke the calling convention.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>

enum { max_words = 64, time_limit_seconds = 5 };

uint32_t entry, in_eax, in_edx, in_ecx, word_count, words[max_words];
uint32_t out_eax, out_edx, broken, saved_esp;

void call_native(void);
__asm__(
    ".text\n"
    "call_native:\n"
    "  pushal\n"
    "  mov %esp, saved_esp\n"
    "  xor %ecx, %ecx\n"
    "1: cmp word_count, %ecx\n"
    "  jae 2f\n"
    "  push words(,%ecx,4)\n"
    "  inc %ecx\n"
    "  jmp 1b\n"
    "2: mov $0x13579bdf, %ebx\n"
    "  mov $0x2468ace0, %esi\n"
    "  mov $0x0badf00d, %edi\n"
    "  mov $0x5eed5eed, %ebp\n"
    "  mov in_eax, %eax\n"
    "  mov in_edx, %edx\n"
    "  mov in_ecx, %ecx\n"
    "  call *entry\n"
    "  mov %eax, out_eax\n"
    "  mov %edx, out_edx\n"
    "  movl $0, broken\n"
    "  cmp $0x13579bdf, %ebx\n"
    "  jne 3f\n"
    "  cmp $0x2468ace0, %esi\n"
    "  jne 3f\n"
    "  cmp $0x0badf00d, %edi\n"
    "  jne 3f\n"
    "  cmp $0x5eed5eed, %ebp\n"
    "  jne 3f\n"
    "  cmp saved_esp, %esp\n"
    "  je 4f\n"
    "3: movl $1, broken\n"
    "4: mov saved_esp, %esp\n"
    "  popal\n"
    "  ret\n");

static sigjmp_buf after_trap;

static void on_signal(int number) { siglongjmp(after_trap, number); }

static uint32_t kind_of(int number) {
  switch (number) {
    case SIGFPE: return 1;
    case SIGILL: return 2;
    case SIGALRM: case SIGVTALRM: return 4;
    default: return 3;
  }
}

static void install(int number) {
  struct sigaction action = {0};
  action.sa_handler = on_signal;
  action.sa_flags = SA_ONSTACK | SA_NODEFER;
  sigaction(number, &action, NULL);
}

static void set_timer(int seconds) {
  struct itimerval limit = {{0, 0}, {seconds, 0}};
  setitimer(ITIMER_VIRTUAL, &limit, NULL);
}

static uint32_t number(void) {
  uint32_t value;
  if (fread(&value, 4, 1, stdin) != 1) exit(3);
  return value;
}

static void answer(uint32_t value) { fwrite(&value, 4, 1, stdout); }

static void map(void) {
  uint32_t address = number(), length = number();
  void *at = mmap((void *)address, length, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  if (at != (void *)address) {
    perror("mmap");
    exit(4);
  }
}

static void call(void) {
  entry = number(), in_eax = number(), in_edx = number(), in_ecx = number(), word_count = number();
  if (word_count > max_words) exit(5);
  for (uint32_t i = 0; i < word_count; i++) words[i] = number();
  int caught = sigsetjmp(after_trap, 1);
  if (caught) {
    __asm__ volatile("cld");
    answer(kind_of(caught)), answer(0), answer(0);
    return;
  }
  set_timer(time_limit_seconds);
  call_native();
  set_timer(0);
  answer(broken ? 5 : 0), answer(out_eax), answer(out_edx);
}

static void hash(void) {
  uint32_t *at = (uint32_t *)number(), length = number(), value = 0x811c9dc5;
  for (uint32_t i = 0; i < length / 4; i++) value = (value ^ at[i]) * 0x01000193;
  answer(value);
}

int main(void) {
  static char handler_stack[65536];
  stack_t alternate = {.ss_sp = handler_stack, .ss_size = sizeof handler_stack};
  sigaltstack(&alternate, NULL);
  int signals[] = {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGTRAP, SIGVTALRM};
  for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) install(signals[i]);
  for (int command; (command = getchar()) != EOF;) {
    if (command == 'M') map();
    else if (command == 'S') {
      uint32_t address = number(), length = number();
      if (length && fread((void *)address, length, 1, stdin) != 1) return 3;
    } else if (command == 'C') call();
    else if (command == 'H') hash();
    else return 2;
  }
  return 0;
}
