/*
 * Executes instruction sequences on the host processor in a 32-bit process, and reports what they did.
 *
 * stdin holds struct input one after the other, stdout gets one struct output for each. The sequence starts by returning
 * from a signal handler with the wanted registers, and ends with any signal: INT3 after its last byte, or its own fault.
 * x87 and SSE state goes in by FXRSTOR right before the first signal; the kernel keeps it over the handler, and saves it for
 * the last one.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>

#define CODE 0x10000000u
#define DATA 0x20000000u
#define REGION 8192u
#define WINDOW 256u
#define WINDOW_AT (DATA + REGION / 2 - WINDOW / 2)

/* Header, x87 and XMM registers of an FXSAVE image. */
#define EXTENDED 288u
/* Where a 32-bit signal frame has that image: behind the one of FSAVE (struct _fpstate_32 of Linux). */
#define FRAME_IMAGE 112u

/* Where FNSTENV and FNSAVE leave the pointers to the last instruction and operand, and FXSAVE the first part of its image. */
#define POINTERS_AT (WINDOW_AT + 64 + 12)
#define POINTERS 16
#define IMAGE_AT (DATA + 0x200)
#define HEADER 32

/* What `trap` says of a sequence that does not end: it is stopped when it has run for so many seconds. */
#define ENDLESS 0x100
#define PATIENCE 2

struct input {
  uint32_t registers[8];
  uint32_t eflags;
  uint32_t code_offset;
  uint8_t code[48];
  uint8_t window[WINDOW];
  uint8_t extended[EXTENDED];
};

struct output {
  uint32_t registers[8];
  uint32_t eip;
  uint32_t eflags;
  uint32_t trap;
  uint32_t error;
  uint32_t address;
  uint32_t checksum;
  uint8_t window[WINDOW];
  uint8_t extended[EXTENDED];
  uint8_t pointers[POINTERS];
  uint8_t header[HEADER];
};

/* EAX ECX EDX EBX ESP EBP ESI EDI as the kernel numbers them in a signal frame. */
static const int numbers[8] = {REG_EAX, REG_ECX, REG_EDX, REG_EBX, REG_ESP, REG_EBP, REG_ESI, REG_EDI};

static struct input in;
static struct output out;
static volatile int running;
static ucontext_t caller;

static void handle(int signal, siginfo_t *info, void *context) {
  (void)info;
  /* The kernel leaves AC as it was. */
  __asm__ volatile("pushfl; andl $~0x40000, (%%esp); popfl" ::: "memory", "cc");
  ucontext_t *now = context;
  greg_t *registers = now->uc_mcontext.gregs;
  if (!running) {
    caller = *now;
    running = 1;
    for (int i = 0; i < 8; i++) registers[numbers[i]] = in.registers[i];
    registers[REG_UESP] = in.registers[4];
    registers[REG_EFL] = in.eflags;
    registers[REG_EIP] = CODE + in.code_offset;
    return;
  }
  for (int i = 0; i < 8; i++) out.registers[i] = registers[numbers[i]];
  out.eip = registers[REG_EIP];
  out.eflags = registers[REG_EFL];
  out.trap = signal == SIGVTALRM ? ENDLESS : registers[REG_TRAPNO];
  out.error = registers[REG_ERR];
  out.address = now->uc_mcontext.cr2;
  memcpy(out.extended, (uint8_t *)now->uc_mcontext.fpregs + FRAME_IMAGE, EXTENDED);
  running = 0;
  for (int i = 0; i < 8; i++) registers[numbers[i]] = caller.uc_mcontext.gregs[numbers[i]];
  registers[REG_UESP] = caller.uc_mcontext.gregs[REG_UESP];
  registers[REG_EFL] = caller.uc_mcontext.gregs[REG_EFL];
  registers[REG_EIP] = caller.uc_mcontext.gregs[REG_EIP];
}

static uint32_t checksum(const uint32_t *words, uint32_t bytes) {
  uint32_t hash = 0x811c9dc5u;
  for (uint32_t i = 0; i < bytes / sizeof *words; i++) hash = (hash ^ words[i]) * 0x01000193u;
  return hash;
}

/* Moves bytes out of the data, which then has zeros there. */
static void take(uint8_t *to, uint32_t from, uint32_t count) {
  memcpy(to, (void *)from, count);
  memset((void *)from, 0, count);
}

static void *map(uint32_t address, int protection) {
  return mmap((void *)address, REGION, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

int main(void) {
  static uint8_t stack[65536];
  static uint8_t image[512] __attribute__((aligned(16)));
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternate, 0);
  struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
  const int signals[] = {SIGSEGV, SIGTRAP, SIGILL, SIGFPE, SIGBUS, SIGVTALRM};
  for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, 0);
  uint8_t *code = map(CODE, PROT_READ | PROT_WRITE | PROT_EXEC);
  uint8_t *data = map(DATA, PROT_READ | PROT_WRITE);
  if (code == MAP_FAILED || data == MAP_FAILED) return 1;
  const struct itimerval stop = {.it_value = {.tv_sec = PATIENCE}}, never = {0};
  while (fread(&in, sizeof in, 1, stdin) == 1) {
    memset(code, 0xcc, REGION);
    memcpy(code + in.code_offset, in.code, sizeof in.code);
    memset(data, 0, REGION);
    memcpy((void *)WINDOW_AT, in.window, WINDOW);
    memcpy(image, in.extended, EXTENDED);
    setitimer(ITIMER_VIRTUAL, &stop, 0);
    __asm__ volatile("fxrstor %0; int3" ::"m"(image) : "memory");
    setitimer(ITIMER_VIRTUAL, &never, 0);
    take(out.pointers, POINTERS_AT, POINTERS);
    take(out.header, IMAGE_AT, HEADER);
    memcpy(out.window, (void *)WINDOW_AT, WINDOW);
    out.checksum = checksum((uint32_t *)data, REGION) ^ checksum((uint32_t *)code, REGION);
    fwrite(&out, sizeof out, 1, stdout);
  }
  return 0;
}
