/*
 * Makes file system calls, right and wrong, and prints what each answers. The test runs it on the host's Linux and in the guest: the two
 * transcripts must be the same. Sizes and link counts of directories stay out, as file systems are free to choose them.
 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>

/* Prints a call as it stands here, its result, and the name of the error. */
#define CALL(call) report(#call, (errno = 0, (long)(call)))

/* An address that no program has, and one of the kernel's. */
#define NOWHERE ((void *)16)
#define KERNEL ((void *)0xf0000000)

static char buf[70000];
static int p[2], q[2];

static void report(const char *call, long result) {
  printf("%s = %ld %s\n", call, result, result < 0 ? strerrorname_np(errno) : "");
  fflush(stdout);
}

/* What stat, or lstat, says of a path. */
static void show(const char *path, int is_link) {
  struct stat s;
  if ((is_link ? lstat(path, &s) : stat(path, &s)) != 0) {
    printf("  %s: %s\n", path, strerrorname_np(errno));
    return;
  }
  printf("  %s: mode %o", path, s.st_mode);
  if (!S_ISDIR(s.st_mode)) printf(" links %d size %lld", (int)s.st_nlink, (long long)s.st_size);
  printf("\n");
}

/* Names and types in a directory. */
static void list(const char *path) {
  struct dirent **entries;
  int count = scandir(path, &entries, NULL, alphasort);
  for (int at = 0; at < count; at++) printf("  %s type %d\n", entries[at]->d_name, entries[at]->d_type);
}

static void opening(void) {
  CALL(open("a", O_RDONLY));
  CALL(open("a", O_WRONLY | O_CREAT | O_EXCL, 0666));
  CALL(open("a", O_WRONLY | O_CREAT | O_EXCL, 0666));
  CALL(write(3, "hello", 5));
  CALL(lseek(3, -10, SEEK_SET));
  CALL(lseek(3, 100, SEEK_SET));
  CALL(write(3, "x", 1));
  CALL(read(3, buf, 1));
  CALL(lseek(3, 0, 9));
  CALL(ftruncate(3, 50));
  CALL(ftruncate(3, -1));
  show("a", 0);
  CALL(close(3));
  CALL(close(3));
  CALL(write(3, "x", 1));
  CALL(read(99, buf, 1));
}

static void odd_paths(void) {
  CALL(open("a/", O_RDONLY));
  CALL(open("a/b", O_RDONLY));
  CALL(open("", O_RDONLY));
  CALL(open("b/", O_WRONLY | O_CREAT, 0644));
  CALL(open(".", O_WRONLY));
  CALL(open(".", O_RDWR | O_CREAT, 0644));
  CALL(open("a", O_DIRECTORY));
  CALL(open("nodir/x", O_CREAT | O_WRONLY, 0644));
}

static void descriptors(void) {
  CALL(open("a", O_RDONLY));
  CALL(write(3, "x", 1));
  CALL(ftruncate(3, 1));
  CALL(fcntl(3, F_GETFL) & ~O_LARGEFILE);
  CALL(fcntl(3, F_SETFL, O_APPEND | O_NONBLOCK));
  CALL(fcntl(3, F_GETFL) & ~O_LARGEFILE);
  CALL(fcntl(3, F_GETFD));
  CALL(fcntl(3, F_SETFD, FD_CLOEXEC));
  CALL(fcntl(3, F_GETFD));
  CALL(fcntl(3, F_DUPFD, 10));
  CALL(fcntl(3, F_DUPFD, 100000));
  CALL(fcntl(3, 1234));
  CALL(dup2(3, 5));
  CALL(dup2(3, 3));
  CALL(dup2(88, 3));
  CALL(dup3(3, 3, 0));
  CALL(dup3(3, 6, O_APPEND));
  CALL(dup3(3, 6, O_CLOEXEC));
  CALL(fcntl(6, F_GETFD));
  CALL(dup2(3, -1));
  CALL(close(10));
  CALL(close(5));
  CALL(close(6));
  CALL(close(3));
}

static void bad_addresses(void) {
  CALL(read(0, NOWHERE, 0));
  CALL(open("a", O_RDWR));
  CALL(read(3, NOWHERE, 10));
  CALL(write(3, NOWHERE, 10));
  CALL(read(3, KERNEL, 10));
  CALL(write(3, KERNEL, 10));
  CALL(open(NOWHERE, O_RDONLY));
  CALL(close(3));
}

static void directories(void) {
  CALL(mkdir("d", 0777));
  CALL(mkdir("d", 0777));
  CALL(mkdir("d/e/f", 0777));
  CALL(mkdir("d/e", 01777));
  CALL(mkdir("a/x", 0777));
  CALL(mkdir(".", 0777));
  CALL(mkdir("..", 0777));
  CALL(mkdir("/", 0777));
  show("d", 0);
  show("d/e", 0);
  CALL(rmdir("d"));
  CALL(rmdir("a"));
  CALL(rmdir("nope"));
  CALL(rmdir("d/."));
  CALL(rmdir("d/.."));
  CALL(rmdir("d/e/"));
  CALL(unlink("d"));
  CALL(unlink("nope"));
  CALL(unlink("a/"));
  CALL(unlink("."));
}

static void hard_links(void) {
  CALL(link("a", "b"));
  CALL(link("a", "b"));
  CALL(link("nope", "c"));
  CALL(link("d", "c"));
  CALL(link("a", "nodir/c"));
  CALL(link("a", "c/"));
  show("b", 0);
  CALL(unlink("a"));
  show("b", 0);
}

static void symbolic_links(void) {
  CALL(symlink("b", "s"));
  CALL(symlink("b", "s"));
  CALL(symlink("", "s2"));
  CALL(symlink("loop", "loop"));
  CALL(symlink("/nonexistent", "dang"));
  CALL(symlink("d", "sd"));
  CALL(readlink("s", buf, 100));
  CALL(readlink("b", buf, 100));
  CALL(readlink("nope", buf, 100));
  CALL(readlink("s", buf, 0));
  CALL(open("loop", O_RDONLY));
  CALL(open("s", O_RDONLY | O_NOFOLLOW));
  CALL(open("dang", O_RDONLY));
  CALL(open("dang", O_RDONLY | O_CREAT | O_EXCL, 0644));
  show("s", 0);
  show("s", 1);
  show("dang", 0);
  show("sd", 1);
  show("sd/", 1);
  CALL(rmdir("sd"));
  CALL(mkdir("sd", 0755));
  CALL(mkdir("dang", 0755));
  CALL(chmod("s", 0600));
  show("b", 0);
  CALL(unlink("sd/"));
  CALL(link("s", "hs"));
  show("hs", 1);
  CALL(unlink("hs"));
}

static void renaming(void) {
  CALL(rename("b", "c"));
  CALL(rename("nope", "c"));
  CALL(rename("c", "c"));
  CALL(rename("c", "d"));
  CALL(rename("d", "c"));
  CALL(mkdir("d2", 0755));
  CALL(rename("d", "d2"));
  CALL(rename("d2", "d2/x"));
  CALL(mkdir("d2/y", 0755));
  CALL(mkdir("d3", 0755));
  CALL(rename("d3", "d2"));
  CALL(rename("d2", "d3"));
  CALL(rename("c", "nodir/c"));
  CALL(rename("c/", "z"));
  CALL(rename(".", "z"));
  CALL(rename("d3", ".."));
  CALL(rename("c", "z/"));
  list(".");
  CALL(link("c", "c2"));
  CALL(rename("c", "c2"));
  list(".");
  CALL(unlink("c2"));
}

static void access_and_size(void) {
  CALL(access("c", R_OK | W_OK));
  CALL(access("c", X_OK));
  CALL(access("nope", F_OK));
  CALL(access("c", 99));
  CALL(chmod("c", 0755));
  CALL(access("c", X_OK));
  CALL(chmod("nope", 0));
  CALL(truncate("c", 10));
  CALL(truncate("d3", 10));
  CALL(truncate("nope", 1));
  CALL(truncate("c", -1));
  show("c", 0);
}

static void working_directory(void) {
  CALL(chdir("d3"));
  CALL(getcwd(buf, 1000) != NULL);
  printf("  %s\n", strrchr(buf, '/'));
  CALL(syscall(SYS_getcwd, buf, 2));
  CALL(chdir("nope"));
  CALL(chdir("../c"));
  CALL(chdir(".."));
  CALL(open("d3", O_RDONLY));
  CALL(fchdir(3));
  CALL(openat(3, "../c", O_RDONLY));
  CALL(openat(4, "x", O_RDONLY));
  CALL(openat(99, "x", O_RDONLY));
  CALL(fchdir(4));
  CALL(openat(99, "/", O_RDONLY));
  CALL(close(5));
  CALL(close(4));
  CALL(close(3));
  CALL(chdir(".."));
}

static void fifos(void) {
  CALL(mknod("fifo", S_IFIFO | 0644, 0));
  CALL(mknod("reg", 0600, 0));
  CALL(mknod("reg", 0600, 0));
  CALL(mknod("dd", S_IFDIR | 0755, 0));
  show("fifo", 0);
  show("reg", 0);
  CALL(open("fifo", O_WRONLY | O_NONBLOCK));
  CALL(open("fifo", O_RDONLY | O_NONBLOCK));
  CALL(read(3, buf, 10));
  CALL(open("fifo", O_WRONLY));
  CALL(read(3, buf, 10));
  CALL(write(4, "abc", 3));
  CALL(read(3, buf, 10));
  CALL(lseek(3, 0, SEEK_SET));
  CALL(ftruncate(4, 0));
  CALL(close(4));
  CALL(read(3, buf, 10));
  CALL(close(3));
}

static void pipes(void) {
  CALL(pipe2(p, O_NONBLOCK));
  CALL(pipe2(p, 1));
  CALL(read(p[0], buf, 1));
  CALL(write(p[1], buf, 70000));
  CALL(write(p[1], buf, 1));
  CALL(read(p[0], buf, 5000));
  CALL(write(p[1], buf, 4096));
  CALL(write(p[0], buf, 1));
  CALL(read(p[1], buf, 1));
  struct pollfd f[3] = {{p[0], POLLIN | POLLOUT, 0}, {p[1], POLLIN | POLLOUT, 0}, {77, POLLIN, 0}};
  CALL(poll(f, 3, 0));
  printf("  %x %x %x\n", f[0].revents, f[1].revents, f[2].revents);
  CALL(close(p[0]));
  CALL(write(p[1], "x", 1));
  CALL(poll(f + 1, 1, 0));
  printf("  %x\n", f[1].revents);
  CALL(close(p[1]));
  CALL(syscall(SYS_pipe, NOWHERE));
  int waiting;
  CALL(pipe(p));
  CALL(write(p[1], "abcd", 4));
  CALL(ioctl(p[0], FIONREAD, &waiting));
  printf("  %d\n", waiting);
  CALL(ioctl(p[0], TCGETS, buf));
  CALL(fcntl(p[0], F_GETFL));
  CALL(fcntl(p[1], F_GETFL));
  close(p[0]);
  close(p[1]);
}

static void vectors(void) {
  CALL(open("v", O_RDWR | O_CREAT | O_TRUNC, 0600));
  struct iovec v[3] = {{"one", 3}, {"", 0}, {"three", 5}};
  CALL(writev(3, v, 3));
  CALL(writev(3, v, 0));
  CALL(writev(3, v, -1));
  CALL(writev(3, v, 2000));
  CALL(lseek(3, 0, SEEK_SET));
  struct iovec w[2] = {{buf, 4}, {buf + 100, 100}};
  CALL(readv(3, w, 2));
  CALL(lseek(3, 2, SEEK_SET));
  CALL(lseek(3, 0, SEEK_END));
  CALL(lseek(3, -3, SEEK_CUR));
  CALL(syscall(SYS_sendfile64, 1, 3, NULL, 3L));
  puts("");
  CALL(close(3));
}

static void devices(void) {
  CALL(open("/dev/null", O_RDWR));
  CALL(read(3, buf, 10));
  CALL(write(3, buf, 10));
  CALL(close(3));
  CALL(open("/dev/zero", O_RDWR));
  CALL(read(3, buf, 10));
  CALL(close(3));
  CALL(open("/dev/full", O_RDWR));
  CALL(write(3, "x", 1));
  CALL(close(3));
  CALL(ioctl(1, 0x9999, 0));
  CALL(ioctl(99, TCGETS, buf));
}

static void listing(void) {
  CALL(syscall(SYS_getdents64, 1, buf, 100));
  CALL(open(".", O_RDONLY));
  CALL(syscall(SYS_getdents64, 3, buf, 5));
  CALL(read(3, buf, 10));
  CALL(write(3, buf, 10));
  CALL(ioctl(3, TCGETS, buf));
  CALL(close(3));
}

static void modes_and_long_names(void) {
  CALL(umask(077));
  CALL(open("m", O_CREAT | O_RDWR, 0777));
  show("m", 0);
  CALL(umask(0));
  CALL(fstatat(3, "", (struct stat *)buf, AT_EMPTY_PATH));
  CALL(fstatat(AT_FDCWD, "m", (struct stat *)buf, 0x10000000));
  CALL(fstatat(3, "x", (struct stat *)buf, 0));
  memset(buf, 'n', 5000);
  buf[5000] = 0;
  CALL(open(buf, O_RDONLY));
  buf[256] = 0;
  CALL(open(buf, O_RDONLY));
  buf[255] = 0;
  CALL(open(buf, O_RDONLY));
}

static void removed_directory(void) {
  CALL(mkdir("gone", 0755));
  CALL(chdir("gone"));
  CALL(rmdir("../gone"));
  CALL(open("x", O_CREAT | O_RDWR, 0644));
  CALL(mkdir("x", 0755));
  CALL(syscall(SYS_getcwd, buf, 1000));
  CALL(open(".", O_RDONLY));
  CALL(syscall(SYS_getdents64, 5, buf, 1000));
  CALL(chdir(".."));
}

static void positioned(void) {
  CALL(open("pp", O_RDWR | O_CREAT, 0644));
  CALL(pwrite(5, "abcdef", 6, 3));
  CALL(lseek(5, 0, SEEK_CUR));
  CALL(pread(5, buf, 4, 4));
  printf("  %.4s\n", buf);
  CALL(pread(5, buf, 4, -1));
  CALL(pwrite(5, "x", 1, -1));
  CALL(pread(5, buf, 4, 1000));
  CALL(pread(88, buf, 4, 0));
  CALL(fchmod(5, 0751));
  show("pp", 0);
  CALL(fchmod(88, 0));
  CALL(fsync(5));
  CALL(fdatasync(88));
  CALL(pipe(q));
  CALL(pread(q[0], buf, 1, 0));
  CALL(fsync(q[0]));
  CALL(unlink("pp"));
  CALL(close(5));
}

static void remains(void) {
  CALL(unlink("c"));
  list(".");
}

int main(void) {
  /* The transcript names descriptors: 3 is the first free one. */
  for (int fd = 3; fd < 64; fd++) close(fd);
  umask(022);
  signal(SIGPIPE, SIG_IGN);
  if (mkdir("work", 0755) != 0 || chdir("work") != 0) return 1;
  opening();
  odd_paths();
  descriptors();
  bad_addresses();
  directories();
  hard_links();
  symbolic_links();
  renaming();
  access_and_size();
  working_directory();
  fifos();
  pipes();
  vectors();
  devices();
  listing();
  modes_and_long_names();
  removed_directory();
  positioned();
  remains();
  return 0;
}
