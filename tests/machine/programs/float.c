/* What a program sees of its x87 and SSE registers: an ordinary Linux program, built with the host's C library. */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

/* The image of FXSAVE (SDM 2A, FXSAVE). */
typedef struct {
  uint16_t control, status;
  uint8_t tags, reserved;
  uint16_t opcode;
  uint32_t instruction, instructionSelector, operand, operandSelector, mxcsr, mask;
  uint8_t st[8][16], xmm[8][16], rest[224];
} __attribute__((aligned(16))) State;

static const State clean = {.control = 0x37f, .mxcsr = 0x1f80};
static const char *failure;

static void fail(const char *what) {
  if (failure == NULL) failure = what;
}

/* A state that no other seed has: register contents, rounding modes, precision, flags, the last instruction's addresses. */
static void fill(State *state, uint32_t seed) {
  uint32_t random = seed * 2654435761u | 1;
  memset(state, 0, sizeof *state);
  for (int index = 0; index < 8; index++) {
    for (int byte = 0; byte < 16; byte++) {
      random = random * 1664525 + 1013904223;
      state->xmm[index][byte] = random >> 24;
      if (byte < 10) state->st[index][byte] = random >> 16;
    }
    state->st[index][7] |= 0x80;
    state->st[index][9] &= 0x3f;
  }
  state->control = 0x7f | (seed & 3) << 10 | (seed & 4 ? 0x300 : 0x200);
  state->status = (seed & 7) << 11 | (seed >> 3 & 0x3f);
  state->tags = 0xff;
  state->mxcsr = 0x1f80 | (seed & 3) << 13 | (seed >> 1 & 0x3f);
}

#define LOAD(state) __asm__ volatile("fxrstor %0" : : "m"(state))
#define SAVE(state) __asm__ volatile("fxsave %0" : "=m"(state))
/* A system call between a load and a save, with no code of a compiler's in between, which could use the registers. */
#define CALL(number, a, b, c, before, after)                                                                                                         \
  ({                                                                                                                                                 \
    int result_ = number;                                                                                                                            \
    __asm__ volatile("fxrstor %[old]\n\tint $0x80\n\tfxsave %[now]"                                                                                  \
                     : "+a"(result_), [now] "=m"(after)                                                                                              \
                     : "b"(a), "c"(b), "d"(c), [old] "m"(before)                                                                                     \
                     : "memory");                                                                                                                    \
    result_;                                                                                                                                         \
  })
enum { FORK = 2, WRITE = 4, GETPID = 20, EXECVE = 11, KILL = 37, SCHED_YIELD = 158 };

/* Everything that the program set; addresses and opcode of the last instruction are only kept with an exception pending on some processors. */
static int same(const State *a, const State *b) {
  State left = *a, right = *b;
  State *both[] = {&left, &right};
  for (int index = 0; index < 2; index++) {
    State *state = both[index];
    state->mask = state->reserved = state->opcode = 0;
    state->instruction = state->instructionSelector = state->operand = state->operandSelector = 0;
    for (int st = 0; st < 8; st++) memset(&state->st[st][10], 0, 6);
    memset(state->rest, 0, sizeof state->rest);
  }
  return memcmp(&left, &right, sizeof left) == 0;
}

/* The state stays as it is while others run, for `rounds` looks at it with some work between them. Some give way each time, some when they must. */
static int keep(uint32_t seed, int yields, int rounds) {
  State own, now;
  /* Rounding up, which is mode 2, gives another quotient than the three other modes (SDM 1 4.8.4). */
  double one = 1, three = 3, third, expected = (seed & 3) == 2 ? 0x1.5555555555556p-2 : 0x1.5555555555555p-2;
  fill(&own, seed);
  for (int round = 0; round < rounds; round++) {
    int call = yields ? SCHED_YIELD : GETPID, spins = yields ? 20000 : 200000;
    __asm__ volatile("fxrstor %[own]\n1:\tdecl %[spins]\n\tjnz 1b\n\tint $0x80\n\tfxsave %[now]\n\t"
                     "movsd %[one], %%xmm0\n\tdivsd %[three], %%xmm0\n\tmovsd %%xmm0, %[third]\n\tfxrstor %[clean]"
                     : "+a"(call), [spins] "+c"(spins), [now] "=m"(now), [third] "=m"(third)
                     : [own] "m"(own), [clean] "m"(clean), [one] "m"(one), [three] "m"(three)
                     : "memory");
    if (!same(&own, &now) || third != expected) return 1;
  }
  return 0;
}

/* Several processes at once, each with a state of its own. */
static int crowd(int rounds) {
  int wrong = 0, status;
  for (int child = 1; child <= 4; child++)
    if (fork() == 0) _exit(keep(child * 37, child & 1, rounds));
  while (wait(&status) > 0) wrong += status != 0;
  return wrong;
}

/* Writes a mode to /proc/mercury/mode with every register in use: neither way changes a bit. */
static void switchTo(const char *mode, uint32_t seed) {
  State own, now;
  int file = open("/proc/mercury/mode", O_WRONLY);
  fill(&own, seed);
  int written = CALL(WRITE, file, mode, strlen(mode), own, now);
  LOAD(clean);
  if (written != (int)strlen(mode)) fail("the mode is refused");
  if (!same(&own, &now)) fail(mode);
  close(file);
}

static volatile int caught, code;
static volatile uint16_t frameControl;
static State inHandler;

static void plain(int signal) {
  SAVE(inHandler);
  State other;
  fill(&other, 99);
  LOAD(other);
  caught = signal;
}

static void changing(int signal, siginfo_t *info, void *context) {
  SAVE(inHandler);
  LOAD(clean);
  struct _fpstate *legacy = (struct _fpstate *)((ucontext_t *)context)->uc_mcontext.fpregs;
  frameControl = legacy->cw;
  caught = signal;
  code = info->si_code;
  /* Upwards, where it was another way; and bits of MXCSR that no processor has. */
  legacy->cw = (legacy->cw & ~0xc00) | 0x800;
  State *state = (State *)((char *)legacy + 112);
  state->mxcsr = 0xffff0000 | (state->mxcsr & ~0x6000) | 0x4000;
}

static void forgetting(int signal, siginfo_t *info, void *context) {
  (void)info;
  caught = signal;
  ((ucontext_t *)context)->uc_mcontext.fpregs = NULL;
}

static void misleading(int signal, siginfo_t *info, void *context) {
  (void)info, (void)signal;
  ((ucontext_t *)context)->uc_mcontext.fpregs = (void *)16;
}

static void handle(int signal, void (*handler)(int, siginfo_t *, void *)) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(signal, &action, NULL);
}

static void signals(void) {
  State own, now;
  fill(&own, 21);
  signal(SIGUSR1, plain);
  CALL(KILL, getpid(), SIGUSR1, 0, own, now);
  LOAD(clean);
  if (caught != SIGUSR1) fail("no signal");
  if (!same(&inHandler, &clean)) fail("a handler starts with another state");
  if (!same(&own, &now)) fail("a plain handler's return changes the state");

  handle(SIGUSR2, changing);
  CALL(KILL, getpid(), SIGUSR2, 0, own, now);
  LOAD(clean);
  if (frameControl != own.control) fail("the frame has another control word");
  if (!same(&inHandler, &clean)) fail("a handler with information starts with another state");
  own.control = (own.control & ~0xc00) | 0x800;
  own.mxcsr = (own.mxcsr & ~0x6000) | 0x4000;
  now.mxcsr &= 0xffbf;
  if (!same(&own, &now)) fail("a handler cannot change the state");

  handle(SIGUSR2, forgetting);
  CALL(KILL, getpid(), SIGUSR2, 0, own, now);
  LOAD(clean);
  if (!same(&now, &clean)) fail("a frame without a state gives another than the first");
  printf("signals %s\n", failure == NULL ? "ok" : failure);

  fflush(stdout);
  if (fork() == 0) {
    handle(SIGUSR2, misleading);
    raise(SIGUSR2);
    _exit(0);
  }
  int status = 0;
  wait(&status);
  printf("a state out of reach: %s\n", WIFSIGNALED(status) ? "killed" : "went on");
}

static sigjmp_buf back;

static void arithmetic(int signal, siginfo_t *info, void *context) {
  (void)context;
  caught = signal;
  code = info->si_code;
  siglongjmp(back, 1);
}

static const char *nameOf(int value) {
  static const char *const names[] = {"?", "INTDIV", "INTOVF", "FLTDIV", "FLTOVF", "FLTUND", "FLTRES", "FLTINV"};
  return value >= 1 && value <= 7 ? names[value] : names[0];
}

/* x87 with one exception unmasked: the instruction after the one that raised it is the one that traps. */
static void x87(const char *what, int mask, double a, double b) {
  uint16_t control = 0x37f & ~mask;
  code = 0;
  if (sigsetjmp(back, 1) == 0)
    __asm__ volatile("fninit\n\tfldcw %0\n\tfldl %1\n\tfdivl %2\n\tfstps %3\n\tfwait" : : "m"(control), "m"(a), "m"(b), "m"(*(float[1]){0}));
  LOAD(clean);
  printf("x87 %s %s\n", what, nameOf(code));
}

static void sse(const char *what, uint32_t mask, double a, double b) {
  uint32_t control = 0x1f80 & ~mask;
  code = 0;
  if (sigsetjmp(back, 1) == 0)
    __asm__ volatile("ldmxcsr %0\n\tmovsd %1, %%xmm0\n\tdivsd %2, %%xmm0" : : "m"(control), "m"(a), "m"(b) : "xmm0");
  LOAD(clean);
  printf("sse %s %s\n", what, nameOf(code));
}

static void exceptions(int vectors) {
  handle(SIGFPE, arithmetic);
  x87("1/0", 4, 1, 0);
  x87("0/0", 1, 0, 0);
  x87("1e300", 8, 1e300, 1);
  x87("1e-300", 0x10, 1e-300, 1);
  x87("1/3", 0x20, 1, 3);
  x87("masked", 0, 1, 0);
  if (vectors) {
    sse("1/0", 0x200, 1, 0);
    sse("0/0", 0x80, 0, 0);
    sse("1e300/1e-300", 0x400, 1e300, 1e-300);
    sse("1e-300/1e300", 0x800, 1e-300, 1e300);
    sse("1/3", 0x1000, 1, 3);
    sse("masked", 0, 1, 0);
  }
  code = 0;
  volatile int zero = 0, one = 1;
  if (sigsetjmp(back, 1) == 0) one /= zero;
  printf("integer %s\n", nameOf(code));
  /* A signal that somebody sends says so, whatever exception came before it. */
  code = -1;
  if (sigsetjmp(back, 1) == 0) kill(getpid(), SIGFPE);
  printf("sent %d\n", code);
}

static void children(void) {
  State own, now;
  fill(&own, 5);
  int child = CALL(FORK, 0, 0, 0, own, now);
  LOAD(clean);
  if (child == 0) _exit(same(&own, &now) ? 0 : 1);
  int status = 0;
  waitpid(child, &status, 0);
  printf("fork %s, %s\n", same(&own, &now) ? "keeps" : "loses", status == 0 ? "gives" : "withholds");
  fflush(stdout);
  if (fork() == 0) {
    static const char *const arguments[] = {"/proc/self/exe", "first", NULL};
    fill(&own, 77);
    CALL(EXECVE, arguments[0], arguments, environ, own, now);
    _exit(1);
  }
  wait(NULL);
}

/* The state that a program starts with, before anything of its own has run: the first instruction of all saves it. */
State atStart;
__asm__(".globl begin\nbegin:\n\tfxsave atStart\n\tjmp _start\n");

/* AT_HWCAP as the kernel gives it: behind the environment. glibc's getauxval answers from CPUID. */
static uint32_t capabilities(void) {
  char **at = environ;
  while (*at != NULL) at++;
  for (Elf32_auxv_t *pair = (Elf32_auxv_t *)(at + 1); pair->a_type != AT_NULL; pair++)
    if (pair->a_type == AT_HWCAP) return pair->a_un.a_val;
  return 0;
}

/* By x87: the arc tangent of 1. */
static double quarterOfPi(void) {
  double result;
  __asm__("fld1\n\tfpatan" : "=t"(result) : "0"(1.0) : "st(1)");
  return result;
}

/* By SSE: 1/0! + 1/1! + 1/2! ... */
static double sumOfInverses(void) {
  double sum = 0;
  volatile double term = 1;
  for (int n = 1; n < 25; n++) {
    sum += term;
    term /= n;
  }
  return sum;
}

int main(int count, char **arguments) {
  const char *what = count > 1 ? arguments[1] : "all";
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (strcmp(what, "first") == 0) {
    printf("exec %s\n", same(&atStart, &clean) ? "clean" : "inherits");
    return 0;
  }
  if (strcmp(what, "crowd") == 0) {
    printf("crowd %d\n", crowd(atoi(arguments[2])));
    return 0;
  }
  if (strcmp(what, "switch") == 0) {
    for (int trip = 0; trip < 3; trip++) {
      switchTo("virtual", 10 + trip);
      switchTo("native", 20 + trip);
    }
    printf("switch %s\n", failure == NULL ? "ok" : failure);
    return 0;
  }
  /* CPUID.1:EDX: FPU, MMX, FXSR, SSE, SSE2 (SDM 2A, CPUID) */
  printf("capabilities %s\n", (capabilities() & 0x07800001) == 0x07800001 ? "complete" : "incomplete");
  printf("pi %.15f, e %.15f\n", 4 * quarterOfPi(), sumOfInverses());
  signals();
  exceptions(strcmp(what, "x87") != 0);
  children();
  return 0;
}
