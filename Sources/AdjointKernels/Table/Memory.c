// Memory from the system, and how much of it there is.

#if defined(__linux__)
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#endif
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#if defined(__GLIBC__)
#include <malloc.h>
#elif defined(__APPLE__)
#include <malloc/malloc.h>
#endif

#include "AdjointKernels.h"

enum { cacheLine = 64, leastMapped = 1 << 20, largePage = 1 << 21 };

static void *map(size_t byteCount) {
  void *const memory =
      mmap(0, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
  return memory == MAP_FAILED ? 0 : memory;
}

// Maps more than is asked for and unmaps what lies before the first large page, and what is left behind.
static void *mapLargePages(size_t byteCount) {
  char *const memory = map(byteCount + largePage);
  if (!memory) return map(byteCount);
  const size_t before = -(uintptr_t)memory % largePage;
  if (before > 0) munmap(memory, before);
  munmap(memory + before + byteCount, largePage - before);
#if defined(MADV_HUGEPAGE)
  madvise(memory + before, byteCount, MADV_HUGEPAGE);
#endif
  return memory + before;
}

void *adjointTakeMemory(size_t byteCount) {
  if (byteCount >= largePage) return mapLargePages(byteCount);
  if (byteCount >= leastMapped) return map(byteCount);
  void *memory;
  return posix_memalign(&memory, cacheLine, byteCount) == 0 ? memory : 0;
}

void adjointGiveBackMemory(void *memory, size_t byteCount) {
  if (byteCount >= leastMapped)
    munmap(memory, byteCount);
  else
    free(memory);
}

void adjointGiveBackFreedMemory(void) {
#if defined(__GLIBC__)
  malloc_trim(0);
#elif defined(__APPLE__)
  malloc_zone_pressure_relief(0, 0);
#endif
}

#if defined(__linux__)
// The least limit of a control group and of those that it is part of, from files below `root`. The path
// may be that of the machine, where the process is in a container and sees no more than the root.
static size_t limitOfGroups(const char *root, char *path, const char *file) {
  size_t least = SIZE_MAX;
  for (;;) {
    char name[4096];
    snprintf(name, sizeof name, "%s%s/%s", root, path, file);
    FILE *const limits = fopen(name, "re");
    unsigned long long limit;
    // Where there is no limit, the file says "max".
    if (limits && fscanf(limits, "%llu", &limit) == 1 && limit < least) least = limit;
    if (limits) fclose(limits);
    char *const end = strrchr(path, '/');
    if (!end) return least;
    *end = 0;
  }
}

static size_t limitOfControlGroups(void) {
  static const char second[] = "0::", first[] = ":memory:";
  size_t least = SIZE_MAX;
  FILE *const groups = fopen("/proc/self/cgroup", "re");
  char line[3072];
  while (groups && fgets(line, sizeof line, groups)) {
    line[strcspn(line, "\n")] = 0;
    size_t limit = SIZE_MAX;
    char *const path = strstr(line, first);
    if (path)
      limit = limitOfGroups(
          "/sys/fs/cgroup/memory", path + sizeof first - 1, "memory.limit_in_bytes");
    else if (strncmp(line, second, sizeof second - 1) == 0)
      limit = limitOfGroups("/sys/fs/cgroup", line + sizeof second - 1, "memory.max");
    if (limit < least) least = limit;
  }
  if (groups) fclose(groups);
  return least;
}
#endif

size_t adjointMemoryLimit(void) {
  const long pages = sysconf(_SC_PHYS_PAGES), pageSize = sysconf(_SC_PAGESIZE);
  const size_t all = pages > 0 && pageSize > 0 ? (size_t)pages * (size_t)pageSize : SIZE_MAX;
#if defined(__linux__)
  const size_t limit = limitOfControlGroups();
  if (limit < all) return limit;
#endif
  return all;
}
