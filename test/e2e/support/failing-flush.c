/*
 * A disk whose next flush fails: preloaded into a process, it makes fdatasync and fsync fail once with EIO after the
 * file that FAILING_FLUSH names has been made, and removes that file. Every other flush is the kernel's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_due(void) {
  const char *order = getenv("FAILING_FLUSH");
  return order != NULL && unlink(order) == 0;
}

static int flush(long call, int descriptor) {
  if (is_due()) {
    errno = EIO;
    return -1;
  }
  return (int)syscall(call, descriptor);
}

int fdatasync(int descriptor) { return flush(SYS_fdatasync, descriptor); }

int fsync(int descriptor) { return flush(SYS_fsync, descriptor); }
