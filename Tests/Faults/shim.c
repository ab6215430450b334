// A disk that fails at one chosen call. Loaded into a process by LD_PRELOAD, it numbers the calls that name or change a file
// under FAULT_PATH, from 1 on, and lets one of them go wrong.
//
//     FAULT_PATH   where calls count: a path's beginning, in full
//     FAULT_CALL   the number of the call that goes wrong; left out, none does
//     FAULT_KIND   error     the call does nothing and says FAULT_ERROR
//                  from      so does every later one
//                  half      a write takes half of its bytes, and says so
//                  kill      the process is killed before the call
//                  halfkill  a write takes half of its bytes, then the process is killed
//     FAULT_ERROR  EIO or ENOSPC
//     FAULT_LOG    a file that gets a line for each call that counts: its name, a blank, its path
//
// Calls that only read, lock or ask are not counted: what is tried is whether a result is kept. A folder counts that is opened
// to bring the names in it to the disk, and a file's close where it was open for writing.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

// The C library's own function of this name and type.
#define ORIGINAL(type, name, ...)                                                                                                          \
    static type (*original)(__VA_ARGS__);                                                                                                  \
    if (!original)                                                                                                                         \
    original = (type (*)(__VA_ARGS__))find(RTLD_NEXT, name)

enum outcome { PASSES, FAILS, IS_HALVED };

static void *(*find)(void *, const char *);
static const char *path_of_interest, *kind, *log_name;
static int chosen_call, error_number, calls_so_far;

__attribute__((constructor)) static void start(void)
{
    // dlsym is replaced as well (below). The version is the one that glibc had on this processor at first.
#if defined(__x86_64__)
    find = (void *(*)(void *, const char *))dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
#else
    find = (void *(*)(void *, const char *))dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.17");
#endif
    if (!find)
    {
        fputs("shim: this C library has no dlsym of a known version\n", stderr);
        abort();
    }

    const char *call = getenv("FAULT_CALL"), *error = getenv("FAULT_ERROR");
    path_of_interest = getenv("FAULT_PATH");
    kind = getenv("FAULT_KIND");
    log_name = getenv("FAULT_LOG");
    chosen_call = call && kind ? atoi(call) : 0;
    error_number = error && !strcmp(error, "ENOSPC") ? ENOSPC : EIO;
}

static void write_log(const char *call, const char *path)
{
    static int (*open_file)(const char *, int, ...);
    static ssize_t (*write_bytes)(int, const void *, size_t);
    static int (*close_file)(int);
    open_file = (int (*)(const char *, int, ...))find(RTLD_NEXT, "open");
    write_bytes = (ssize_t (*)(int, const void *, size_t))find(RTLD_NEXT, "write");
    close_file = (int (*)(int))find(RTLD_NEXT, "close");
    char line[4200];
    int length = snprintf(line, sizeof line, "%s %s\n", call, path);
    int file = open_file(log_name, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (file < 0 || write_bytes(file, line, length) != length || close_file(file) < 0)
    {
        abort();
    }
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
    {
        pause();
    }
}

// What becomes of a call on a path.
static enum outcome outcome_of(const char *call, const char *path)
{
    if (!path_of_interest || strncmp(path, path_of_interest, strlen(path_of_interest)))
    {
        return PASSES;
    }

    int number = __sync_add_and_fetch(&calls_so_far, 1);
    if (log_name)
    {
        write_log(call, path);
    }

    if (!chosen_call || number < chosen_call || (number > chosen_call && strcmp(kind, "from")))
    {
        return PASSES;
    }

    if (!strcmp(kind, "kill"))
    {
        die();
    }

    return strncmp(kind, "half", 4) ? FAILS : IS_HALVED;
}

// The same for a path that may be relative.
static enum outcome outcome_of_name(const char *call, const char *path)
{
    char full[4096];
    if (path[0] == '/' || !getcwd(full, sizeof full) || strlen(full) + strlen(path) + 2 > sizeof full)
    {
        return outcome_of(call, path);
    }

    strcat(full, "/");
    return outcome_of(call, strcat(full, path));
}

// The same for an open file. Standard streams are not files of interest.
static enum outcome outcome_of_file(const char *call, int file)
{
    if (file <= 2 || !path_of_interest)
    {
        return PASSES;
    }

    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    int saved = errno;
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = saved;
    if (length <= 0)
    {
        return PASSES;
    }

    path[length] = 0;
    return outcome_of(call, path);
}

static int failure(void)
{
    errno = error_number;
    return -1;
}

// After half of a write.
static ssize_t halved(ssize_t written)
{
    if (!strcmp(kind, "halfkill"))
    {
        die();
    }

    return written;
}

ssize_t write(int file, const void *bytes, size_t count)
{
    ORIGINAL(ssize_t, "write", int, const void *, size_t);
    switch (outcome_of_file("write", file))
    {
    case FAILS: return failure();
    case IS_HALVED: return halved(original(file, bytes, count / 2));
    default: return original(file, bytes, count);
    }
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at)
{
    ORIGINAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
    switch (outcome_of_file("write", file))
    {
    case FAILS: return failure();
    case IS_HALVED: return halved(original(file, bytes, count / 2, at));
    default: return original(file, bytes, count, at);
    }
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) { return pwrite64(file, bytes, count, at); }

// Half of a list of blocks is the first half of the first block, or the blocks of the first half.
ssize_t pwritev64(int file, const struct iovec *blocks, int count, off64_t at)
{
    ORIGINAL(ssize_t, "pwritev64", int, const struct iovec *, int, off64_t);
    switch (outcome_of_file("write", file))
    {
    case FAILS: return failure();
    case IS_HALVED:
        return halved(count > 1 ? original(file, blocks, count / 2, at) : pwrite64(file, blocks[0].iov_base, blocks[0].iov_len / 2, at));
    default: return original(file, blocks, count, at);
    }
}

ssize_t pwritev(int file, const struct iovec *blocks, int count, off_t at) { return pwritev64(file, blocks, count, at); }

int fsync(int file)
{
    ORIGINAL(int, "fsync", int);
    return outcome_of_file("fsync", file) ? failure() : original(file);
}

int fdatasync(int file)
{
    ORIGINAL(int, "fdatasync", int);
    return outcome_of_file("fsync", file) ? failure() : original(file);
}

int ftruncate64(int file, off64_t length)
{
    ORIGINAL(int, "ftruncate64", int, off64_t);
    return outcome_of_file("ftruncate", file) ? failure() : original(file, length);
}

int ftruncate(int file, off_t length) { return ftruncate64(file, length); }

// Says its error by what it returns.
int posix_fallocate64(int file, off64_t from, off64_t length)
{
    ORIGINAL(int, "posix_fallocate64", int, off64_t, off64_t);
    return outcome_of_file("fallocate", file) ? error_number : original(file, from, length);
}

int posix_fallocate(int file, off_t from, off_t length) { return posix_fallocate64(file, from, length); }

// A disk that fails at last when a file is closed has closed it all the same.
int close(int file)
{
    ORIGINAL(int, "close", int);
    int flags = fcntl(file, F_GETFL);
    if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && outcome_of_file("close", file))
    {
        original(file);
        return failure();
    }

    return original(file);
}

int rename(const char *from, const char *to)
{
    ORIGINAL(int, "rename", const char *, const char *);
    return outcome_of_name("rename", to) ? failure() : original(from, to);
}

int link(const char *from, const char *to)
{
    ORIGINAL(int, "link", const char *, const char *);
    return outcome_of_name("link", to) ? failure() : original(from, to);
}

int unlink(const char *path)
{
    ORIGINAL(int, "unlink", const char *);
    return outcome_of_name("unlink", path) ? failure() : original(path);
}

int rmdir(const char *path)
{
    ORIGINAL(int, "rmdir", const char *);
    return outcome_of_name("rmdir", path) ? failure() : original(path);
}

int mkdir(const char *path, mode_t mode)
{
    ORIGINAL(int, "mkdir", const char *, mode_t);
    return outcome_of_name("mkdir", path) ? failure() : original(path, mode);
}

int open64(const char *path, int flags, ...)
{
    ORIGINAL(int, "open64", const char *, int, ...);
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    struct stat found;
    const char *call = (flags & O_ACCMODE) != O_RDONLY             ? (flags & O_CREAT ? "create" : "open")
                       : !stat(path, &found) && S_ISDIR(found.st_mode) ? "folder"
                                                                       : NULL;
    return call && outcome_of_name(call, path) ? failure() : original(path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open64(path, flags, mode);
}

// A program that looks a function up in the C library itself, as .NET does for [LibraryImport("libc")], gets the one above.
void *dlsym(void *library, const char *name)
{
    static const struct
    {
        const char *name;
        void *function;
    } replaced[] = {
        {"write", write},     {"pwrite", pwrite},       {"pwrite64", pwrite64},       {"fsync", fsync},   {"fdatasync", fdatasync},
        {"close", close},     {"ftruncate", ftruncate}, {"ftruncate64", ftruncate64}, {"rename", rename}, {"link", link},
        {"unlink", unlink},   {"rmdir", rmdir},         {"mkdir", mkdir},             {"open", open},     {"open64", open64},
    };
    for (size_t j = 0; library != RTLD_NEXT && j < sizeof replaced / sizeof *replaced; j++)
    {
        if (!strcmp(name, replaced[j].name))
        {
            return replaced[j].function;
        }
    }

    if (!find)
    {
        start();
    }

    // The last thing done here, which the compiler turns into a jump: the original looks at who called it.
    return find(library, name);
}
