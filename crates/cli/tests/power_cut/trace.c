/* Preloaded into a process, writes down what it does to the files of a folder: each write, truncation, removal and sync,
   in their order, with the bytes. A sync is written down when it has returned, so what stands before it is on the disk.

   HENCE_TRACE_FOLDER: the folder, without a slash at its end. HENCE_TRACE_LOG: where to write.
   A record is a line `OP NAME OFFSET LENGTH`, and after `W` so many bytes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -2;
static ssize_t (*real_write)(int, const void *, size_t);

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

static int opened(void) {
  if (log_fd == -2) {
    const char *path = getenv("HENCE_TRACE_LOG");
    real_write = next("write");
    log_fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
  }
  return log_fd >= 0;
}

/* The name of a file of the folder, or NULL. */
static const char *name_in_folder(const char *path) {
  const char *folder = getenv("HENCE_TRACE_FOLDER");
  size_t length = folder ? strlen(folder) : 0;
  if (!length || strncmp(path, folder, length) || path[length] != '/') return NULL;
  const char *name = path + length + 1;
  /* What is shared between processes is rebuilt after a crash. */
  size_t end = strlen(name);
  if (end > 4 && !strcmp(name + end - 4, "-shm")) return NULL;
  return strchr(name, ' ') || strchr(name, '/') ? NULL : name;
}

static const char *name_of(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length <= 0) return NULL;
  path[length] = 0;
  return name_in_folder(path);
}

static void record(char op, const char *name, long long offset, const void *bytes, size_t length) {
  char line[PATH_MAX + 64];
  int size = snprintf(line, sizeof line, "%c %s %lld %zu\n", op, name, offset, length);
  if (real_write(log_fd, line, size) != size) abort();
  if (bytes && real_write(log_fd, bytes, length) != (ssize_t)length) abort();
}

ssize_t write(int fd, const void *bytes, size_t length) {
  char path[PATH_MAX];
  pthread_mutex_lock(&lock);
  int is_open = opened();
  if (!real_write) real_write = next("write");
  const char *name = is_open ? name_of(fd, path) : NULL;
  off_t offset = name ? lseek(fd, 0, SEEK_CUR) : 0;
  if (!name) {
    pthread_mutex_unlock(&lock);
    return real_write(fd, bytes, length);
  }
  ssize_t written = real_write(fd, bytes, length);
  if (written > 0) record('W', name, offset, bytes, written);
  pthread_mutex_unlock(&lock);
  return written;
}

static ssize_t written_at(const char *function, int fd, const void *bytes, size_t length, off64_t offset) {
  char path[PATH_MAX];
  ssize_t (*real)(int, const void *, size_t, off64_t) = next(function);
  pthread_mutex_lock(&lock);
  const char *name = opened() ? name_of(fd, path) : NULL;
  ssize_t written = real(fd, bytes, length, offset);
  if (name && written > 0) record('W', name, offset, bytes, written);
  pthread_mutex_unlock(&lock);
  return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  return written_at("pwrite", fd, bytes, length, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  return written_at("pwrite64", fd, bytes, length, offset);
}

static int cut_to(const char *function, int fd, off64_t length) {
  char path[PATH_MAX];
  int (*real)(int, off64_t) = next(function);
  pthread_mutex_lock(&lock);
  const char *name = opened() ? name_of(fd, path) : NULL;
  int result = real(fd, length);
  if (name && !result) record('T', name, length, NULL, 0);
  pthread_mutex_unlock(&lock);
  return result;
}

int ftruncate(int fd, off_t length) { return cut_to("ftruncate", fd, length); }

int ftruncate64(int fd, off64_t length) { return cut_to("ftruncate64", fd, length); }

static int synced(const char *function, int fd) {
  char path[PATH_MAX];
  int (*real)(int) = next(function);
  pthread_mutex_lock(&lock);
  const char *name = opened() ? name_of(fd, path) : NULL;
  int result = real(fd);
  if (name && !result) record('S', name, 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  return result;
}

int fsync(int fd) { return synced("fsync", fd); }

int fdatasync(int fd) { return synced("fdatasync", fd); }

int unlink(const char *path) {
  int (*real)(const char *) = next("unlink");
  pthread_mutex_lock(&lock);
  const char *name = opened() ? name_in_folder(path) : NULL;
  int result = real(path);
  if (name && !result) record('U', name, 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  return result;
}
