// Files that lie in memory, and the leases that keep others from changing them: Linux alone has both.

#if defined(__linux__)
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#endif

#include "AdjointKernels.h"

#if defined(__linux__) && defined(F_SETLEASE) && defined(F_SETSIG)
// Since Linux 5.14; the C library may not name it.
#if !defined(MADV_POPULATE_READ)
#define MADV_POPULATE_READ 22
#endif

// Whether every change of the file goes by this system, which knows of the lease. Not so on a network, where
// older systems grant leases too; nor below an overlay.
static int isOnLocalDisk(int file) {
  enum { ext = 0xEF53, xfs = 0x58465342, tmpfs = 0x01021994 };
  const unsigned btrfs = 0x9123683E;
  struct statfs found;
  if (fstatfs(file, &found) != 0) return 0;
  const unsigned kind = (unsigned)found.f_type;
  return kind == ext || kind == xfs || kind == btrfs || kind == tmpfs;
}

int adjointTakeLease(int file) {
  if (!isOnLocalDisk(file)) return -1;
  const int lease = fcntl(file, F_DUPFD_CLOEXEC, 0);
  if (lease == -1) return -1;
  // Who holds a lease gets a signal when another asks for it, which would end the process: one that is ignored
  // unless the program says otherwise, until there is no owner to send it to.
  if (fcntl(lease, F_SETSIG, SIGURG) == 0 && fcntl(lease, F_SETLEASE, F_RDLCK) == 0) {
    if (fcntl(lease, F_SETOWN, 0) == 0) return lease;
    adjointGiveUpLease(lease);
  }
  close(lease);
  return -1;
}

int adjointHasLease(int lease) { return fcntl(lease, F_GETLEASE) == F_RDLCK; }

int adjointGiveUpLease(int lease) { return fcntl(lease, F_SETLEASE, F_UNLCK) == 0; }

void adjointCloseLease(int lease) {
  // The file may be open elsewhere, where the lease would live on.
  adjointGiveUpLease(lease);
  close(lease);
}

// How far a place in a file, or in memory that is mapped to it, is from the start of its page.
static size_t placeInPage(uintptr_t place) { return place % (size_t)sysconf(_SC_PAGESIZE); }

void *adjointMapFile(int lease, size_t start, size_t byteCount) {
  // Behind its end the last page has zeros.
  struct stat found;
  if (fstat(lease, &found) != 0 || start + byteCount > (size_t)found.st_size) return 0;
  const size_t before = placeInPage(start);
  const size_t length = before + byteCount;
  char *const pages = mmap(0, length, PROT_READ, MAP_PRIVATE, lease, (off_t)(start - before));
  if (pages == MAP_FAILED) return 0;
  if (madvise(pages, length, MADV_POPULATE_READ) == 0) return pages + before;
  munmap(pages, length);
  return 0;
}

void adjointUnmapFile(void *memory, size_t byteCount) {
  const size_t before = placeInPage((uintptr_t)memory);
  munmap((char *)memory - before, before + byteCount);
}

int adjointDetachFromFile(void *memory, int lease, size_t start, size_t byteCount) {
  const size_t before = placeInPage(start);
  const size_t length = before + byteCount;
  char *const copy =
      mmap(0, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (copy == MAP_FAILED) return 0;
  size_t done = before;
  while (done < length) {
    const ssize_t count = pread(lease, copy + done, length - done, (off_t)(start - before + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    done += (size_t)count;
  }
  char *const pages = (char *)memory - before;
  // At once, so that others read the file or the copy.
  if (done == length && mprotect(copy, length, PROT_READ) == 0 &&
      mremap(copy, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, pages) == pages)
    return 1;
  munmap(copy, length);
  return 0;
}
#else
int adjointTakeLease(int file) { return -1; }
int adjointHasLease(int lease) { return 0; }
int adjointGiveUpLease(int lease) { return 0; }
void adjointCloseLease(int lease) {}
void *adjointMapFile(int lease, size_t start, size_t byteCount) { return 0; }
void adjointUnmapFile(void *memory, size_t byteCount) {}
int adjointDetachFromFile(void *memory, int lease, size_t start, size_t byteCount) { return 0; }
#endif
