/* An ordinary Linux program, built with the host's C library: what it needs of the kernel is what any such program needs. */
#include <asm/ldt.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile int caught;

static void plain(int signal) {
  caught = signal;
}

static void detailed(int signal, siginfo_t *info, void *context) {
  caught = info->si_signo == signal && context != NULL ? signal : -1;
}

/* Thread-local storage lies behind GS: errno is in it. A child's is its own. */
static void threadLocal(void) {
  errno = 5;
  pid_t child = fork();
  if (child == 0) {
    errno = 3;
    _exit(errno);
  }
  int status = 0;
  waitpid(child, &status, 0);
  printf("child %d, here %d\n", WEXITSTATUS(status), errno);
}

static void signals(void) {
  struct sigaction action = {0};
  signal(SIGUSR1, plain);
  raise(SIGUSR1);
  printf("plain %d\n", caught);
  action.sa_sigaction = detailed;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGUSR2, &action, NULL);
  raise(SIGUSR2);
  printf("detailed %d\n", caught);
}

static void memory(void) {
  char *heap = malloc(300000);
  memset(heap, 7, 300000);
  char *shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t child = fork();
  if (child == 0) {
    heap[5] = 1;
    shared[5] = 9;
    _exit(0);
  }
  waitpid(child, NULL, 0);
  printf("heap %d, shared %d\n", heap[5], shared[5]);
}

/* The stack segment's descriptor goes away under its user: the return to the program cannot be made. */
static void lostStack(void) {
  pid_t child = fork();
  if (child == 0) {
    struct user_desc segment = {.entry_number = -1, .limit = 0xfffff, .seg_32bit = 1, .limit_in_pages = 1, .useable = 1};
    syscall(SYS_set_thread_area, &segment);
    __asm__ volatile("movl %0, %%ss" : : "r"(segment.entry_number * 8 + 3));
    segment.base_addr = segment.limit = 0;
    segment.read_exec_only = segment.seg_not_present = 1;
    segment.seg_32bit = segment.limit_in_pages = segment.useable = 0;
    syscall(SYS_set_thread_area, &segment);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  printf("ended by signal %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

int main(int count, char **arguments) {
  char directory[100];
  printf("%d arguments, last %s, in %s\n", count, arguments[count - 1], getcwd(directory, sizeof directory));
  threadLocal();
  signals();
  memory();
  lostStack();
  struct timespec nap = {0, 20000000}, before, after;
  clock_gettime(CLOCK_MONOTONIC, &before);
  nanosleep(&nap, NULL);
  clock_gettime(CLOCK_MONOTONIC, &after);
  printf("slept %s\n", (after.tv_sec - before.tv_sec) * 1000000000LL + after.tv_nsec - before.tv_nsec >= 20000000 ? "long enough" : "too short");
  return 42;
}
